#!/bin/sh
# Prints the log of the job in this folder from a byte on, and goes on printing until the job has ended.
# Usage: follow.sh OFFSET [BY]   (BY: who follows it and has the host's lock from now on)
# Exit: 0 the job has ended (its mark is in the log), 3 it is gone without an end (killed, or the host was restarted),
# 1 nobody reads any more.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC1091 # beside this file
. ./alive.sh
lock=../../lock
if [ -n "$2" ] && [ -w "$lock" ] && [ -w ../.. ]; then
  # shellcheck disable=SC1091
  . ./lock.sh
  pass_lock "$2"
fi
tail -c +$(($1 + 1)) -f log &
tail=$!
trap 'kill $tail 2>/dev/null' EXIT
trap 'exit 1' HUP INT PIPE TERM
starting=10
while [ ! -f exit ]; do
  if [ ! -f pid ] && [ $starting -gt 0 ]; then
    starting=$((starting - 1))
  elif ! is_alive "$(cat pid)" && [ ! -f exit ]; then
    # A last look: tail may be a second behind.
    sleep 2
    exit 3
  fi
  sleep 1
  kill -0 $tail 2>/dev/null || exit 1
done
# The client leaves when it has read the mark of the end; this is for one whose tail is slow.
sleep 3
