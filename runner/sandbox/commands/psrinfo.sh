#!/bin/sh
# psrinfo [-p]: one line for each processor that is on line; -p prints the number of sockets. Any POSIX shell.
if [ "${1-}" = -p ]; then
  sockets=$(sed -n 's/^physical id[^:]*: *//p' /proc/cpuinfo | sort -u | wc -l)
  [ "$sockets" -gt 0 ] || sockets=1
  echo $((sockets))
  exit 0
fi
if [ $# -gt 0 ]; then
  echo 'usage: psrinfo [-p]' >&2
  exit 2
fi
up=$(cut -d. -f1 /proc/uptime)
since=$(date -d "@$(($(date +%s) - up))" '+%m/%d/%Y %H:%M:%S')
number=0 count=$(nproc)
while [ "$number" -lt "$count" ]; do
  printf '%s\ton-line   since %s\n' "$number" "$since"
  number=$((number + 1))
done
