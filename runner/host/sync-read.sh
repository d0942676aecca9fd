#!/bin/sh
# A part of a file, and what the file is before and after. Changes nothing.
# Fed to a POSIX shell on standard input, after assignments:
#   file     absolute
#   skip     so many MB (1,048,576 bytes) of it are passed over
#   count    so many are printed, fewer at its end; 0: none
# Prints "none" or "closed" for what is no file or may not be read. Else what ls -ldn prints of it, its time in full; the bytes;
# a line break; and what ls prints now.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # assigned before
LC_ALL=C
export LC_ALL
QUOTING_STYLE=literal
export QUOTING_STYLE
if ls -dnE / >/dev/null 2>&1; then full=-E; else full=--full-time; fi

if [ ! -f "$file" ] || [ -h "$file" ]; then
  echo none
  exit 0
fi
if [ ! -r "$file" ]; then
  echo closed
  exit 0
fi
ls -ldn "$full" "$file" || exit 1
if [ "$count" -gt 0 ]; then
  dd if="$file" bs=1048576 skip="$skip" count="$count" 2>/dev/null || exit 1
fi
echo
ls -ldn "$full" "$file"
