#!/bin/sh
# What is in some places below a folder, for files that come from a bucket. Changes nothing.
# Fed to a POSIX shell, after assignments; the places follow on standard input, a line each: ./PATH
#   base    the folder, absolute; it need not be there
# Prints what ls -ldn shows of each place where something is, its time in full; then "end TAB 0".
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # assigned before
LC_ALL=C
export LC_ALL
# Another style would put quotes around names.
QUOTING_STYLE=literal
export QUOTING_STYLE
# -E is Solaris' ls, the other GNU's and busybox'.
if ls -dnE / >/dev/null 2>&1; then full=-E; else full=--full-time; fi

if cd "$base" 2>/dev/null; then
  # Some hundred to a process.
  set --
  while IFS= read -r place; do
    set -- "$@" "$place"
    if [ $# -eq 200 ]; then
      ls -ldn "$full" "$@" 2>/dev/null
      set --
    fi
  done
  [ $# -eq 0 ] || ls -ldn "$full" "$@" 2>/dev/null
fi
printf 'end\t0\n'
