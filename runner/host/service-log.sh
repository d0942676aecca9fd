#!/bin/sh
# The log of a service: its last lines, then what was added since. Changes nothing.
# Fed to a POSIX shell on standard input after assignments:
#   file     the log          lines    how many of its last lines, the first time; all of them with "all"
#   inode, offset             what was read last, and up to where; empty the first time
# Prints one line, then the bytes from OFFSET to the end:
#   log INODE OFFSET          of the file
#   rotated - OFFSET          of the file that was the log until now and has another name; ask again, with inode empty
#   none                      there is no log
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # assigned before

inode_of() {
  # shellcheck disable=SC2012 # one file, whose name is not read
  ls -i "$1" 2>/dev/null | sed 's/^ *\([0-9]*\).*/\1/'
}

print_from() {
  printf '%s %s %s\n' "$1" "$2" "$3"
  tail -c +$(($3 + 1)) "$4"
}

if [ ! -f "$file" ]; then
  echo none
  exit 0
fi
now=$(inode_of "$file")
size=$(wc -c <"$file")
if [ -z "$inode" ]; then
  start=0
  if [ "$lines" != all ]; then
    first=$(($(wc -l <"$file") - lines))
    [ "$first" -le 0 ] || start=$(sed "${first}q" "$file" | wc -c)
  fi
  print_from log "$now" $((start)) "$file"
  exit
fi
if [ "$now" != "$inode" ]; then
  # multilog and logadm give it another name in the same folder.
  for old in "${file%/*}"/*; do
    if [ "$(inode_of "$old")" = "$inode" ]; then
      print_from rotated - "$offset" "$old"
      exit
    fi
  done
  print_from log "$now" 0 "$file"
# Emptied in its place.
elif [ "$size" -lt "$offset" ]; then
  print_from log "$now" 0 "$file"
else
  print_from log "$now" "$offset" "$file"
fi
