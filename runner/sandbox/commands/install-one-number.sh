#!/bin/sh
# install where root's number is the only one: -o and -g with an account that exists become root's. Any POSIX shell.
real=/usr/lib/sandbox/install
[ "$(id -u)" -eq 0 ] || exec "$real" "$@"

# root_for DATABASE NAME-OR-NUMBER: 0, or the same word when there is no such account, for install to complain about.
root_for() {
  case $2 in
    *[!0-9]*) getent "$1" "$2" >/dev/null || { printf '%s' "$2" && return; } ;;
  esac
  printf 0
}

count=$# previous=''
while [ "$count" -gt 0 ]; do
  word=$1
  shift
  count=$((count - 1))
  case $previous:$word in
    -o:* | --owner:*) word=$(root_for passwd "$word") ;;
    -g:* | --group:*) word=$(root_for group "$word") ;;
    *:-o?*) word=-o$(root_for passwd "${word#-o}") ;;
    *:-g?*) word=-g$(root_for group "${word#-g}") ;;
    *:--owner=*) word=--owner=$(root_for passwd "${word#*=}") ;;
    *:--group=*) word=--group=$(root_for group "${word#*=}") ;;
  esac
  case $previous in
    -o | -g | --owner | --group) previous='' ;;
    *) previous=$word ;;
  esac
  set -- "$@" "$word"
done
exec "$real" "$@"
