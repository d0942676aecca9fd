#!/bin/sh
# Whether a process of a job is there. Sourced by start.sh and follow.sh.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.

# $1: its number, or nothing. Of a process of another account kill says what it says of none. After a restart of the host
# another process may have the number: the words it was started with tell them apart.
is_alive() {
  [ -n "$1" ] || return 1
  kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1 || return 1
  if [ -r "/proc/$1/cmdline" ]; then
    words=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline")
  else
    words=$(ps -o args= -p "$1" 2>/dev/null)
  fi
  case $words in
  '' | *start.sh* | *job.sh* | *follow.sh*) return 0 ;;
  esac
  return 1
}
