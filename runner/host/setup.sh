#!/bin/sh
# Runs a one-time setup, unless what it creates is there.
# Usage: setup.sh CREATES COMMAND...
# What it runs can become another account, which may not write to the job's folder for temporary files, and can leave something
# that outlives the job: it has the host's own. The job's stays in its environment by another name, for end-processes.sh.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
creates=$1
shift
if [ -e "$creates" ]; then
  echo "$creates is there: nothing to set up"
  exit 0
fi
case ${TMPDIR-} in
*/jobs/*/tmp)
  BUILD_STACK_TMPDIR=$TMPDIR
  export BUILD_STACK_TMPDIR
  unset TMPDIR
  ;;
esac
"$@" || exit $?
if [ ! -e "$creates" ]; then
  echo "the setup ran, and $creates is still not there" >&2
  exit 1
fi
