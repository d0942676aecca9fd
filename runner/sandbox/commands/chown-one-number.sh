#!/bin/sh
# chown and chgrp where root's number is the only one: an owner that exists is accepted, and the file stays root's, as
# it would look to that account anyway. Everything else is this machine's command's business. Any POSIX shell.
name=${0##*/}
real=/usr/lib/sandbox/$name
[ "$(id -u)" -eq 0 ] || exec "$real" "$@"

# known DATABASE NAME-OR-NUMBER: numbers need no entry.
known() {
  case $2 in
    *[!0-9]*) getent "$1" "$2" >/dev/null ;;
    *) return 0 ;;
  esac
}

# root_for OWNER: the same words with root's numbers, or status 1 when somebody in them does not exist.
root_for() {
  if [ "$name" = chgrp ]; then
    known group "$1" && echo 0
    return
  fi
  user=${1%%:*} group=''
  case $1 in
    *:*) group=${1#*:} ;;
  esac
  known passwd "$user" && known group "$group" || return 1
  printf '%s' "${user:+0}"
  case $1 in
    *:*) printf ':%s' "${group:+0}" ;;
  esac
}

count=$# owner='' options=yes
while [ "$count" -gt 0 ]; do
  word=$1
  shift
  count=$((count - 1))
  if [ -z "$owner" ]; then
    case $options$word in
      yes--) options=no ;;
      yes--reference=*) owner=reference ;;
      yes-?*) ;;
      *)
        owner=$word
        # Words that it does not know stay as they are, for the command to complain about.
        ! zero=$(root_for "$word") || word=$zero
        ;;
    esac
  fi
  set -- "$@" "$word"
done
exec "$real" "$@"
