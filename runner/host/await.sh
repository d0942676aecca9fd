#!/bin/sh
# Waits until something on another box answers.
# Usage: await.sh WHAT NEEDING SECONDS READY...   ready.sh READY... is asked until it says yes, at most so long
#        WHAT: "mysql on server2", NEEDING: the service that waits; both for the message
# Exit 1: it did not answer in time; says so on standard error.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
what=$1
needing=$2
limit=$3
shift 3
here=${0%/*}

# Without perl each attempt counts for a second, as its pause takes.
now() {
  perl -e 'print time' 2>/dev/null || echo $((begun + attempts))
}

case $1 in
command) ;;
*)
  # netstat, which ready.sh asks without it, knows only this host.
  command -v perl >/dev/null 2>&1 || {
    echo "perl is not on the PATH of hosts.yaml, and nothing else can ask another box: $PATH" >&2
    exit 1
  }
  ;;
esac

begun=0
attempts=0
begun=$(now)
until "$BUILD_STACK_SHELL" "$here/ready.sh" "$@"; do
  [ $attempts -gt 0 ] || echo "waiting for $what, at most $limit s"
  if [ $(($(now) - begun)) -ge "$limit" ]; then
    echo "$what does not $("$BUILD_STACK_SHELL" "$here/ready.sh" what "$@") within $limit s, and $needing needs it" >&2
    exit 1
  fi
  attempts=$((attempts + 1))
  sleep 1
done
