#!/bin/sh
# Makes a service account and its group unless they are there. An account that is there is left as it is, but for
# a uid that differs from the one asked for: then files would belong to somebody else, and that is an error.
# Usage: account.sh NAME UID GROUP GID HOME SHELL COMMENT   (UID, GID may be empty)
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
name=$1
uid=$2
group=$3
gid=$4
home=$5
shell=$6
comment=$7

if getent group "$group" >/dev/null; then
  found=$(getent group "$group" | cut -d: -f3)
  if [ -n "$gid" ] && [ "$found" != "$gid" ]; then
    echo "group $group has the gid $found here, not $gid" >&2
    exit 1
  fi
else
  # Another run may have been faster: then it is there now.
  groupadd ${gid:+-g "$gid"} "$group" || getent group "$group" >/dev/null || exit 1
fi
if getent passwd "$name" >/dev/null; then
  found=$(getent passwd "$name" | cut -d: -f3)
  if [ -n "$uid" ] && [ "$found" != "$uid" ]; then
    echo "account $name has the uid $found here, not $uid" >&2
    exit 1
  fi
  exit 0
fi
useradd ${uid:+-u "$uid"} -g "$group" -d "$home" -s "$shell" -c "$comment" "$name"
code=$?
[ $code -eq 0 ] || getent passwd "$name" >/dev/null
