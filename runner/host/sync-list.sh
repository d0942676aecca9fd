#!/bin/sh
# What is in a folder, for files that go to a bucket. Changes nothing.
# Fed to a POSIX shell on standard input, after assignments:
#   root    the folder, absolute
# Prints a line each:
#   none                 there is no such folder, or it cannot be looked into; nothing follows
#   odd TAB ./PATH       a name with a line break (shown as ?): it and what is in it are left out
#   closed TAB ./PATH    a folder that cannot be looked into
#   LINE                 what ls -ldn prints of each file, link, folder and whatever else, its time in full: ./PATH, or . for the folder
#   end TAB CODE         find's exit status
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh. Reads BUILD_STACK_SHELL.
# shellcheck disable=SC2154 # assigned before
LC_ALL=C
export LC_ALL
# Another style would put quotes around names.
QUOTING_STYLE=literal
export QUOTING_STYLE
# -E is Solaris' ls, the other GNU's and busybox'.
if ls -dnE / >/dev/null 2>&1; then full=-E; else full=--full-time; fi

if ! cd "$root" 2>/dev/null || [ ! -r . ]; then
  echo none
  exit 0
fi
break='
'
# shellcheck disable=SC2016 # for the inner shells
odd='for one in "$@"; do printf "odd\t"; printf "%s" "$one" | tr "\n" "?"; echo; done'
# shellcheck disable=SC2016
closed='for one in "$@"; do if [ ! -r "$one" ] || [ ! -x "$one" ]; then printf "closed\t%s\n" "$one"; fi; done'
find . \( -name "*$break*" -prune -exec "$BUILD_STACK_SHELL" -c "$odd" sh {} + \) \
  -o \( -type d -exec "$BUILD_STACK_SHELL" -c "$closed" sh {} + -exec ls -ldn "$full" {} + \) \
  -o -exec ls -ldn "$full" {} +
printf 'end\t%s\n' $?
