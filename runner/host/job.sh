#!/bin/sh
# Runs the steps of the job in this folder, in order, until one fails. Detached: nobody reads its output but the log.
# Usage: job.sh LOCK HOLDER   (the lock that start.sh, whose pid is HOLDER, entered it into; left at the end)
# Reads: turns, the names of the steps that change the host beyond this folder: of all its jobs one at a time is at such a
# step; the others have a cpu each while they run, and their make, in those of the list parallel, takes all that are free.
# Writes: pid, log, exit. Between the steps' output the log has marks: a record separator, the job's token, the
# time, and "step NAME", "done NAME CODE", "kept NAME" (an earlier job has done it: see resume.sh), "cancelled BY" or
# "end CODE". A build cannot forge them: it does not know the token.
# NAME is that of the script without its .sh.
# TERM cancels it: the step's processes are ended and the job undone, with exit code 130; not once what it installed is
# recorded. cancelled-by says who wanted it.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
lock=$1
exec </dev/null >>log 2>&1
# shellcheck disable=SC1091 # made for each job
. ./env.sh
# shellcheck disable=SC1091 # beside this file
. ./resume.sh
token=$(cat token)

# shellcheck disable=SC1091 # beside this file
. ./alive.sh
# shellcheck disable=SC1091
. ./lock.sh
# shellcheck disable=SC1091
. ./cpus.sh

# Not if start.sh was killed and somebody took its lock for a stale one.
hand_over "$2" || exit 75
echo $$ >pid.new
mv pid.new pid
# Given up when a step fails, so that a full disk has room for the marks that say so.
dd if=/dev/zero of=reserve bs=1024 count=64 2>/dev/null

mark() {
  printf '\036%s %s %s\n' "$token" "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" "$*"
}

# No step that is not ours may run before the helper has its copies: see root-helper.sh.
wait_for_helper() {
  until [ -p "$BUILD_STACK_ROOT/request" ]; do
    [ ! -f helper-end ] || return 1
    pause
  done
}

# Has the helper that start.sh made root run it.
ask_helper() {
  if [ ! -p "$BUILD_STACK_ROOT/request" ]; then
    echo "nobody is there to run $1 as root" >&2
    return 1
  fi
  echo "$1" >"$BUILD_STACK_ROOT/request"
  read -r answer <"$BUILD_STACK_ROOT/answer" && return "$answer"
}

run() {
  case $1 in
  *.root.sh)
    if [ -n "$BUILD_STACK_ROOT" ]; then
      ask_helper "$1"
    else
      # shellcheck disable=SC2086 # one or two words: "sudo -n"
      $BUILD_STACK_PRIVILEGE "$BUILD_STACK_SHELL" "$1" 7>&-
    fi
    ;;
  *)
    if [ -n "$BUILD_STACK_CPUS" ] && is_in parallel "$name"; then
      # Opened at the command: what a ksh has open by exec is closed for others.
      MAKEFLAGS="-j $BUILD_STACK_JOBSERVER" "$BUILD_STACK_SHELL" "$1" 7<>"$cpus"
    else
      "$BUILD_STACK_SHELL" "$1" 7>&-
    fi
    ;;
  esac
}

cancelled=
trap 'cancelled=yes' TERM
# A step that records removes the undo: from then on there is only the cleaning up.
is_cancelled() {
  [ -n "$cancelled" ] && [ -f undo.root.sh ]
}

# $1: turns or parallel, $2: name of a step.
is_in() {
  grep -x "$2" "$1" >/dev/null 2>&1
}

# Ends at a cancel too.
wait_for_turn() {
  until take_turn || is_cancelled; do pause; done
}

# In the background, because a trap waits for what is in the foreground. Sets code.
run_step() {
  run "$1" &
  running=$!
  while
    wait $running
    code=$?
    # wait ends at a signal too.
    kill -0 $running 2>/dev/null
  do
    ! is_cancelled || end_step "$1"
  done
  # A child of the step may have left it.
  ! is_cancelled || end_step "$1"
}

# What the helper runs as root is not ours to end: it comes to its own end, and is undone.
end_step() {
  case $1 in
  *.root.sh) [ -z "$BUILD_STACK_ROOT" ] || return 0 ;;
  esac
  # shellcheck disable=SC2086 # one or two words: "sudo -n"
  $BUILD_STACK_PRIVILEGE "$BUILD_STACK_SHELL" ./end-processes.sh $$
}

# Not every date knows %s; awk's seed is the time.
"$(command -v nawk || command -v awk)" 'BEGIN { srand(); print srand() }' >started
code=0
open_cpus
[ -z "$BUILD_STACK_ROOT" ] || wait_for_helper || code=1
kept=
if [ -f build-folder ] && [ $code -eq 0 ]; then
  resume || code=1
fi
for step in steps/*.sh; do
  [ $code -eq 0 ] || break
  name=${step#steps/}
  name=${name%.sh}
  case $kept in
  *" $name "*)
    mark kept "$name"
    continue
    ;;
  esac
  if is_in turns "$name"; then
    wait_for_turn
  else
    leave_turn
    take_cpu
  fi
  ! is_cancelled || break
  mark step "$name"
  [ ! -f build-folder ] || note_begin "$name"
  run_step "$step"
  # Its make may have been killed.
  if [ $code -ne 0 ] && is_in parallel "$name"; then lose_cpus; fi
  give_cpu
  [ $code -eq 0 ] || rm -f reserve
  if [ -f build-folder ] && ! is_cancelled; then note_end "$name" $code; fi
  mark "done" "$name" $code
  if [ $code -ne 0 ] || is_cancelled; then break; fi
done
if is_cancelled; then
  code=130
  mark cancelled "$(cat cancelled-by 2>/dev/null || echo 'a signal')"
fi
trap '' TERM
rm -rf reserve tmp/* 2>/dev/null

# A step that installed for good takes it away.
if [ $code -ne 0 ] && [ -f undo.root.sh ]; then
  cancelled=
  wait_for_turn
  run undo.root.sh
fi
leave_turn

echo $code >code
[ ! -f history.root.sh ] || run history.root.sh

[ ! -p "$BUILD_STACK_ROOT/request" ] || echo end >"$BUILD_STACK_ROOT/request"

# The lock goes first: who sees the end may start the next job at once.
leave_lock
echo $code >exit.new
mv exit.new exit
mark end $code
