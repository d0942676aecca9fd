#!/bin/sh
# Takes the host's lock, starts the job in this folder detached from the connection, and follows it.
# Usage: start.sh WORK OWNER   (OWNER: who runs it, for the person who finds the host locked)
# The lock is the file WORK/lock with the lines "pid", "job", "by" and "since". It appears with its whole text at once,
# by a hard link, so that nobody can find it without an owner.
# Exit: 75 locked, with one line "locked OWNER"; else that of follow.sh.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
work=$1
owner=$2
here=$(pwd)
lock=$work/lock
# shellcheck disable=SC1091 # beside this file
. ./alive.sh

# Sets found to the lock's text, and stale when its process is gone: then it is nobody's.
look() {
  stale=
  found=$(sed 's/$/ /' "$lock" 2>/dev/null | tr -d '\n')
  holder=$(expr "$found" : 'pid \([0-9]*\) ')
  if [ -n "$found" ] && ! is_alive "$holder"; then
    stale=yes
  fi
}

# Only the holder of lock.break may remove a lock or hand it over: two that both find it stale would otherwise remove each
# other's new one. A lock that is not there is left alone for the same reason.
break_stale_lock() {
  mkdir "$lock.break" 2>/dev/null || return 0
  look
  [ -z "$stale" ] || rm -f "$lock"
  rmdir "$lock.break"
}

printf 'pid %s\njob %s\nby %s\nsince %s\n' $$ "${here##*/}" "$owner" "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" >"$lock.$$" || exit 1
tries=0
# -n: an old Solaris would replace the lock without it; elsewhere it says nothing about files.
until [ ! -d "$lock" ] && ln -n "$lock.$$" "$lock" 2>/dev/null; do
  look
  if [ -n "$found" ] && [ -z "$stale" ]; then
    rm -f "$lock.$$"
    printf 'locked %s\n' "$found"
    exit 75
  fi
  tries=$((tries + 1))
  if [ $tries -gt 10 ]; then
    rm -f "$lock.$$"
    printf 'locked by a lock that cannot be removed: %s or %s.break\n' "$lock" "$lock"
    exit 75
  fi
  [ $tries -le 2 ] || sleep 1
  break_stale_lock
done
rm -f "$lock.$$"

: >>log
mkdir -p tmp
# shellcheck disable=SC1091 # made for each job
. ./env.sh
# A session of its own where the host can give one, so that the end of the connection is not the end of the job.
detach='nohup'
! command -v setsid >/dev/null 2>&1 || detach='setsid'
# sudo takes the password from our input, and the helper the rest; see root-helper.sh.
if [ -n "$BUILD_STACK_ROOT" ]; then
  exec 3<&0
  (
    # By its TMPDIR a process of the job is known, which a cancelled job ends; the helper has the undo to do.
    unset TMPDIR
    # shellcheck disable=SC2016 # another shell's
    exec $detach "$BUILD_STACK_SHELL" -c '"$@"; : >helper-end' sh \
      "$BUILD_STACK_SUDO" -S -p '' "$BUILD_STACK_SHELL" ./root-helper.sh "$here" "$BUILD_STACK_ROOT" \
      "$(id | sed 's/^uid=\([0-9]*\).*/\1/')"
  ) <&3 >>log 2>&1 &
  exec 3<&-
fi
$detach "$BUILD_STACK_SHELL" ./job.sh "$lock" $$ </dev/null >/dev/null 2>&1 &
# By its TMPDIR a process of the job is known, which the follower is not.
unset TMPDIR
exec "$BUILD_STACK_SHELL" ./follow.sh 0
