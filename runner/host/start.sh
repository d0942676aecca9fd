#!/bin/sh
# Takes the host's lock, starts the job in this folder detached from the connection, and follows it.
# Usage: start.sh WORK OWNER   (OWNER: who runs it, for the person who finds the host locked)
# Exit: 75 locked, with one line "locked OWNER"; else that of follow.sh.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
work=$1
owner=$2
here=$(pwd)
lock=$work/lock

# A lock whose process is gone is nobody's. Only the holder of lock.break may remove it: two clients that
# both find it stale would otherwise remove each other's new one.
break_stale_lock() {
  mkdir "$lock.break" 2>/dev/null || return 1
  holder=$(sed -n 's/^pid //p' "$lock/owner" 2>/dev/null)
  if [ -z "$holder" ] || ! kill -0 "$holder" 2>/dev/null; then
    rm -rf "$lock"
  fi
  rmdir "$lock.break"
}

tries=0
until mkdir "$lock" 2>/dev/null; do
  holder=$(sed -n 's/^pid //p' "$lock/owner" 2>/dev/null)
  if [ -n "$holder" ] && kill -0 "$holder" 2>/dev/null; then
    printf 'locked %s\n' "$(tr '\n' ' ' <"$lock/owner")"
    exit 75
  fi
  # No owner yet: a client that has just made it, for a moment.
  tries=$((tries + 1))
  if [ -n "$holder" ] || [ $tries -gt 2 ]; then
    break_stale_lock
  fi
  if [ $tries -gt 20 ]; then
    printf 'locked by a lock that cannot be broken: %s\n' "$lock"
    exit 75
  fi
  [ $tries -eq 1 ] || sleep 1
done
printf 'pid %s\njob %s\nby %s\nsince %s\n' $$ "${here##*/}" "$owner" "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" >"$lock/owner"

: >>log
# shellcheck disable=SC1091 # made for each job
. ./env.sh
# A session of its own where the host can give one, so that the end of the connection is not the end of the job.
if command -v setsid >/dev/null 2>&1; then
  setsid "$BUILD_STACK_SHELL" ./job.sh "$lock" </dev/null >/dev/null 2>&1 &
else
  nohup "$BUILD_STACK_SHELL" ./job.sh "$lock" </dev/null >/dev/null 2>&1 &
fi
exec "$BUILD_STACK_SHELL" ./follow.sh 0
