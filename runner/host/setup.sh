#!/bin/sh
# Runs a one-time setup, unless what it creates is there.
# Usage: setup.sh CREATES COMMAND...
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
creates=$1
shift
if [ -e "$creates" ]; then
  echo "$creates is there: nothing to set up"
  exit 0
fi
"$@" || exit $?
if [ ! -e "$creates" ]; then
  echo "the setup ran, and $creates is still not there" >&2
  exit 1
fi
