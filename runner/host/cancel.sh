#!/bin/sh
# Cancels the job in this folder and waits for its end: job.sh ends its step, undoes it, records that and gives the lock
# back. A job that is gone without an end (it was killed) has what is left of its processes ended.
# Usage: cancel.sh SHELL BY   (BY: who wants it)
# Exit: 0 cancelled; 3 it had ended before, or what it installed was recorded already; 4 it was gone; 1 it cannot be
# ended, which was said.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
shell=$1
# shellcheck disable=SC1091 # beside this file
. ./alive.sh

[ ! -f exit ] || exit 3
starting=10
until [ -f pid ] || [ $starting -eq 0 ]; do
  starting=$((starting - 1))
  sleep 1
done
pid=$(cat pid) || exit 1
printf '%s\n' "$2" >cancelled-by.new
mv cancelled-by.new cancelled-by

# Again and again: it may be between two steps.
while [ ! -f exit ]; do
  if ! is_alive "$pid"; then
    [ ! -f exit ] || break
    "$shell" ./end-processes.sh || exit 1
    exit 4
  fi
  # It may just have come to its end.
  if ! said=$(kill -TERM "$pid" 2>&1) && [ ! -f exit ] && is_alive "$pid"; then
    printf '%s\n' "$said" >&2
    exit 1
  fi
  sleep 1
done
[ "$(cat exit)" = 130 ] || exit 3
