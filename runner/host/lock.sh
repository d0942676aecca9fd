#!/bin/sh
# The host's lock, which all jobs of one run share, and the turn, which one of them has at a time. Sourced by start.sh and
# job.sh, which set lock to WORK/lock, after alive.sh.
# WORK/lock has the lines "pid PID" and "job NAME" of each job that is at work, then "by", "since" and "run" of their run.
# The last one also removes what cpus.sh made. WORK/turn has the pid of the job that changes the prefix. One whose processes are gone is nobody's.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # set by who sources it

# A fraction where the host's sleep knows one.
pause() {
  sleep 0.1 2>/dev/null || sleep 1
}

# Only who has lock.break may change the lock or the turn: whose mark PID.JOB is the only one in that folder. Who finds
# another mark beside his own takes his back: each sets it before he looks, so never do two find themselves alone. The mark
# of a process that was killed is taken away by whoever comes, and so is the folder when it is empty: mkdir only keeps most
# of those who wait from disturbing each other.
# It is held for an instant: fails when it stays.
begin_change() {
  tries=0
  until enter_change; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || return 1
    pause
  done
}

enter_change() {
  own=$lock.break/$$.${PWD##*/}
  if mkdir "$lock.break" 2>/dev/null && mkdir "$own" 2>/dev/null; then
    has_others || return 0
    rmdir "$own"
  else
    ! has_others || return 1
  fi
  rmdir "$lock.break" 2>/dev/null
  return 1
}

# Whether processes that are there have marks beside our own. Takes away those of others.
has_others() {
  beside=1
  for other in "$lock.break"/*; do
    if [ "$other" = "$own" ] || [ ! -d "$other" ]; then continue; fi
    other_pid=${other##*/}
    if is_alive "${other_pid%%.*}"; then beside=0; else rmdir "$other" 2>/dev/null; fi
  done
  return $beside
}

end_change() {
  rmdir "$own"
  rmdir "$lock.break" 2>/dev/null
  return 0
}

# "PID JOB" of each job of the lock whose process is there.
at_work() {
  sed -n 's/^pid //p;s/^job //p' "$lock" 2>/dev/null | while read -r pid && read -r job; do
    if is_alive "$pid"; then printf '%s %s\n' "$pid" "$job"; fi
  done
}

# $1: "PID JOB" lines of who has it, $2: the other lines.
write_lock() {
  {
    printf '%s\n' "$1" | sed 's/^\([0-9]*\) \(.*\)/pid \1\
job \2/'
    printf '%s\n' "$2"
  } >"$lock.new" && mv -f "$lock.new" "$lock" && return 0
  rm -f "$lock.new"
  return 1
}

# The lines of the lock that are of the run.
about_run() {
  sed '/^pid /d;/^job /d' "$lock"
}

# Enters a job, with this shell as its process, into the lock: into a new one, or into that of its run.
# $1: its name, $2: who runs it, $3: its run
# Returns 1 when others have it: of another run, or a job of the same recipe, and sets found to the lock's text in one line;
# 2 when lock.break stays; 3 when it cannot be written.
enter_lock() {
  begin_change || return 2
  others=$(at_work)
  result=0
  if [ -z "$others" ]; then
    write_lock "$$ $1" "by $2
since $(date -u '+%Y-%m-%dT%H:%M:%SZ')
run $3" || result=3
  elif [ "$(sed -n 's/^run //p' "$lock")" = "$3" ] && ! is_at_work "$1"; then
    write_lock "$others
$$ $1" "$(about_run)" || result=3
  else
    # shellcheck disable=SC2034 # for start.sh
    found=$(sed '/^run /d;s/$/ /' "$lock" | tr -d '\n')
    result=1
  fi
  end_change
  return $result
}

# Whether another job has the recipe of this one.
is_at_work() {
  for name in $(printf '%s\n' "$others" | sed 's/^[0-9]* //'); do
    if cmp -s "${lock%/*}/jobs/$name/recipe" "${lock%/*}/jobs/$1/recipe"; then return 0; fi
  done
  return 1
}

# Makes this shell the process of the job that $1 has entered. Fails when that one is not in the lock any more.
hand_over() {
  begin_change || return 1
  result=1
  entry=$(sed -n "/^pid $1\$/{
n
s/^job //p
}" "$lock")
  if [ -n "$entry" ]; then
    # Who has handed over may have gone.
    others=$(at_work | sed "/^$1 /d")
    write_lock "${others:+$others
}$$ $entry" "$(about_run)" && result=0
  fi
  end_change
  return $result
}

# Makes $1 the one who runs what has the lock, for the person who finds the host locked.
pass_lock() {
  begin_change || return 1
  others=$(at_work)
  [ -z "$others" ] || write_lock "$others" "by $1
$(about_run | sed '/^by /d')"
  end_change
}

# Takes this shell's job out of the lock; the last one removes it.
leave_lock() {
  begin_change || return 1
  others=$(at_work | sed "/^$$ /d")
  if [ -n "$others" ]; then
    write_lock "$others" "$(about_run)"
  else
    rm -f "${lock%/*}/cpus" "${lock%/*}/cpus.lost" "$lock"
  fi
  end_change
}

has_turn() {
  [ "$(cat "${lock%/*}/turn" 2>/dev/null)" = $$ ]
}

# Fails while another job has it.
take_turn() {
  holder=$(cat "${lock%/*}/turn" 2>/dev/null)
  [ "$holder" != $$ ] || return 0
  ! is_alive "$holder" || return 1
  begin_change || return 1
  result=1
  if ! is_alive "$(cat "${lock%/*}/turn" 2>/dev/null)"; then
    echo $$ >"${lock%/*}/turn.new" && mv -f "${lock%/*}/turn.new" "${lock%/*}/turn" && result=0
  fi
  end_change
  return $result
}

leave_turn() {
  ! has_turn || rm -f "${lock%/*}/turn"
}
