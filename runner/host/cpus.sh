#!/bin/sh
# The cpus of this host, divided among the jobs that build. Sourced by job.sh after lock.sh, in the job's folder.
# WORK/cpus is a FIFO with a byte for each cpu that is free, which is what GNU make calls a jobserver: a step has one byte
# while it runs, and its make takes more as it can use them. Each job holds the FIFO open; without one its bytes are gone.
# A job's file cpu is there while it waits for a cpu, and has the byte in it when it has one.
# WORK/cpus.lost says that bytes went with a process that was killed: nobody gets a cpu then before all are given back,
# and they are counted out anew.
# Reads BUILD_STACK_CPUS (how many; empty: the host's make takes none, and each job has a fixed share), BUILD_STACK_JOBSERVER
# (the option by which its make takes them).
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # of lock.sh
cpus=${lock%/*}/cpus

# The other jobs at work whose file cpu is there; $1: -s for those that have one, -f for those that wait, too.
others_with_cpu() {
  at_work | sed "/^$$ /d;s/^[0-9]* //" | while read -r job; do
    if test "$1" "${lock%/*}/jobs/$job/cpu"; then echo "$job"; fi
  done
}

# Jobs that were killed have taken their bytes along.
find_lost() {
  for file in "${lock%/*}"/jobs/*/cpu; do
    [ -f "$file" ] || continue
    if ! is_alive "$(cat "${file%/cpu}/pid" 2>/dev/null)"; then
      : >"$cpus.lost"
      rm -f "$file"
    fi
  done
}

fill_cpus() {
  left=$BUILD_STACK_CPUS
  while [ "$left" -gt 0 ]; do
    printf + >&7
    left=$((left - 1))
  done
}

# Only where nobody else takes or gives.
count_anew() {
  printf '.' >&7
  until [ "$(dd bs=1 count=1 <&7 2>/dev/null)" = . ]; do :; done
  fill_cpus
  rm -f "$cpus.lost"
}

# Joins those who share the cpus; the first one brings them.
open_cpus() {
  rm -f cpu
  [ -n "$BUILD_STACK_CPUS" ] || return 0
  begin_change || return 1
  is_first=yes
  for job in $(at_work | sed "/^$$ /d;s/^[0-9]* //"); do
    [ ! -f "${lock%/*}/jobs/$job/shares-cpus" ] || is_first=
  done
  if [ -n "$is_first" ]; then
    rm -f "$cpus" "$cpus.lost"
    mkfifo "$cpus" || BUILD_STACK_CPUS=
  fi
  if [ -p "$cpus" ]; then
    exec 7<>"$cpus"
    [ -z "$is_first" ] || fill_cpus
    : >shares-cpus
  fi
  end_change
}

# Says that this job waits for one; fails while some are lost and others may have some.
ask_for_cpu() {
  begin_change || return 1
  find_lost
  result=0
  if [ -f "$cpus.lost" ]; then
    if [ -z "$(others_with_cpu -f)" ]; then count_anew; else result=1; fi
  fi
  [ $result -ne 0 ] || : >cpu
  end_change
  return $result
}

# Ends without one when the job is cancelled.
take_cpu() {
  [ -n "$BUILD_STACK_CPUS" ] || return 0
  until [ -s cpu ] || is_cancelled; do
    if ask_for_cpu; then wait_for_cpu; else pause; fi
  done
}

# Without rounds of its own: while one slept, the cpu that it was given would do nothing.
wait_for_cpu() {
  dd bs=1 count=1 of=cpu <"$cpus" 2>/dev/null &
  reader=$!
  watch_reader >/dev/null 2>&1 7>&- &
  watcher=$!
  # A wait ends at a signal too.
  while kill -0 $reader 2>/dev/null && ! is_cancelled; do wait $reader; done
  kill $reader 2>/dev/null
  wait $reader
  # A signal that comes while a shell forks can be lost: it is not waited for, and ends by itself.
  kill $watcher 2>/dev/null
  # It may have got one at the last moment.
  [ -s cpu ] || rm -f cpu
}

# Ends the reader when it waits in vain, or for a job that was killed.
watch_reader() {
  trap 'kill $nap; exit' TERM
  while kill -0 "$reader"; do
    sleep 2 &
    nap=$!
    wait $nap
    if is_in_vain || ! kill -0 $$; then kill "$reader"; fi
  done
}

# Nobody has one, and none is there.
is_in_vain() {
  find_lost
  [ -z "$(others_with_cpu -s)" ] && : >"$cpus.lost"
}

give_cpu() {
  [ -f cpu ] || return 0
  [ ! -s cpu ] || printf + >&7
  rm -f cpu
}

# The step's processes were ended: whether its make gave back what it had is not known.
lose_cpus() {
  [ ! -f cpu ] || : >"$cpus.lost"
}
