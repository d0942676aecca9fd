#!/bin/sh
# Makes a folder in which compilers' names stand for a program that is called instead of them (ccache, distcc): it knows
# them by the name that it is called by, and finds the compiler itself further on in the PATH.
# Usage: compilers.sh FOLDER PROGRAM NAME...
# Several jobs may do it at once.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
folder=$1
program=$2
shift 2
mkdir -p "$folder" || exit 1
for name in "$@"; do
  # A link whose program has gone is not one that can be run.
  [ ! -x "$folder/$name" ] || continue
  ln -s "$program" "$folder/$name.$$" && mv -f "$folder/$name.$$" "$folder/$name" || exit 1
done
