#!/bin/sh
# Ends the processes of the job in this folder, but not who calls: by TERM, and by KILL what does not heed it.
# Usage: end-processes.sh [PID]   (PID: that of job.sh, while it is there)
# Of the job is what PID started, directly or not; what is in a session or a process group that one of these leads; and, where
# the host shows environments (/proc/PID/environ, pargs), what has the job's TMPDIR, or BUILD_STACK_TMPDIR: a daemon that left
# its parent and its session.
# Exit: 1 when some are left.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC1091 # made for each job
. ./env.sh
job=$1
awk=$(command -v nawk || command -v awk)

# Number, parent, group and session of each process that is no zombie.
table() {
  if [ -r /proc/self/stat ]; then
    cat /proc/[0-9]*/stat 2>/dev/null |
      sed -n 's/^\([0-9]*\) (.*) [^ZX] \([0-9]*\) \([0-9]*\) \([0-9]*\) .*/\1 \2 \3 \4/p'
  else
    # shellcheck disable=SC2016 # awk's own
    # Not every ps knows sessions and states, of which POSIX has nothing.
    {
      ps -e -o pid= -o ppid= -o pgid= -o sid= -o s= 2>/dev/null || ps -A -o pid= -o ppid= -o pgid=
    } | "$awk" '$5 != "Z" { print $1, $2, $3, $4 }'
  fi
}

marked() {
  case $TMPDIR in
  */jobs/*/tmp) ;;
  *) return 0 ;;
  esac
  if [ -r /proc/self/environ ]; then
    grep -lF "TMPDIR=$TMPDIR" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/\([0-9]*\)/.*|marked \1|'
  elif command -v pargs >/dev/null 2>&1; then
    # One call for all of them: "NUMBER: WORDS", then a line for each variable.
    # shellcheck disable=SC2016,SC2046 # awk's own; numbers
    pargs -e $(ps -e -o pid=) 2>/dev/null |
      "$awk" -v mark="TMPDIR=$TMPDIR" '
        /^[0-9]+:/ { pid = $1 + 0 }
        /^envp/ && index($0, mark) { print "marked", pid }'
  fi
}

# shellcheck disable=SC2016 # awk's own
members() {
  {
    marked
    table
  } | "$awk" -v job="$job" -v self=$$ '
    $1 == "marked" { member[$2] = 1; next }
    { parent[$1] = $2; group[$1] = $3; session[$1] = $4 }
    END {
      if (job != "") member[job] = 1
      do {
        found = 0
        for (p in parent)
          if (!(p in member) && ((parent[p] in member) || (group[p] in member) || (session[p] in member)))
            found = member[p] = 1
      } while (found)
      for (p = self; p > 1; p = parent[p]) delete member[p]
      for (p in member) if (p in parent) print p
    }'
}

# Sets left to those that we may end.
look() {
  left=
  for pid in $(members); do
    ! kill -0 "$pid" 2>/dev/null || left="$left $pid"
  done
  [ -n "$left" ]
}

tries=0
while look; do
  [ $tries -lt 10 ] || exit 1
  signal=TERM
  [ $tries -le 3 ] || signal=KILL
  # shellcheck disable=SC2086 # a list of numbers
  kill -$signal $left 2>/dev/null
  tries=$((tries + 1))
  [ $tries -eq 1 ] || sleep 1
done
