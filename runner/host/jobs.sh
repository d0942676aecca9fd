#!/bin/sh
# The jobs of this host that were started, newest first. Changes nothing.
# Usage: jobs.sh WORK COUNT [RECIPE]   (COUNT: of how many at most; RECIPE: only of this one)   Fed to the shell.
# Prints a line for each, with tabs between: "job", its name, its state (running, ended, gone), its exit code, the times of
# its first and its last mark, the step of the last one, and its line of the history.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
LC_ALL=C
export LC_ALL
recipe=$3
separator=$(printf '\036')
cd "$1/jobs" 2>/dev/null || exit 0

names() {
  # shellcheck disable=SC2012 # names of ours, by age
  ls -t | while IFS= read -r name; do
    case $name in
    "${recipe:+$recipe-}"*) [ ! -f "$name/log" ] || printf '%s\n' "$name" ;;
    esac
  done
}

# TIME WORDS of the marks in what it reads.
marks() {
  sed -n "s/^.*$separator$token \\(.*\\)/\\1/p"
}

names | sed "$2q" | while IFS= read -r name; do
  token=$(cat "$name/token")
  # shellcheck disable=SC1090,SC1091 # comes with the job
  . "./$name/alive.sh"
  first=$(sed 20q "$name/log" | marks | sed 1q)
  if [ -f "$name/exit" ]; then
    state=ended
    # An undo may have said a little since the step.
    last=$(tail -c 20000 "$name/log" | marks)
  else
    state=gone
    ! is_alive "$(cat "$name/pid" 2>/dev/null)" || state=running
    last=$(marks <"$name/log")
  fi
  step=$(printf '%s\n' "$last" | sed -n 's/^[^ ]* step \([^ ]*\).*/\1/p;s/^[^ ]* done \([^ ]*\).*/\1/p' | sed -n '$p')
  last=$(printf '%s\n' "$last" | sed -n '$p')
  printf 'job\t%s\t%s\t%s\t%s\t%s\t%s\t' "$name" "$state" "$(cat "$name/exit" 2>/dev/null)" \
    "${first%% *}" "${last%% *}" "$step"
  tr '\n\t' '  ' <"$name/history.json"
  printf '\n'
done
