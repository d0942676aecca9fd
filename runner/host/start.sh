#!/bin/sh
# Enters the job in this folder into the host's lock, starts it detached from the connection, and follows it.
# Usage: start.sh WORK OWNER RUN   (OWNER: who runs it, for the person who finds the host locked; RUN: name of the run, whose
#                                   jobs may be at work together)
# Exit: 75 locked, with one line "locked OWNER"; else that of follow.sh.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
work=$1
here=$(pwd)
lock=$work/lock
# shellcheck disable=SC1091 # beside this file
. ./alive.sh
# shellcheck disable=SC1091
. ./lock.sh

enter_lock "${here##*/}" "$2" "$3"
case $? in
1)
  printf 'locked %s\n' "$found"
  exit 75
  ;;
2)
  printf 'locked by a lock that cannot be changed while %s.break is there\n' "$lock"
  exit 75
  ;;
3) exit 1 ;;
esac

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
# Else a process group, which is not the follower's: by it those of the job are known whose parent has gone.
[ $detach = setsid ] || set -m 2>/dev/null
$detach "$BUILD_STACK_SHELL" ./job.sh "$lock" $$ </dev/null >/dev/null 2>&1 &
# By its TMPDIR a process of the job is known, which the follower is not.
unset TMPDIR
exec "$BUILD_STACK_SHELL" ./follow.sh 0
