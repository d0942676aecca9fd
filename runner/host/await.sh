#!/bin/sh
# shellcheck disable=SC2003,SC2006 # for the Bourne shell
# Waits until something on another box answers.
# Usage: await.sh WHAT NEEDING SECONDS READY...   ready.sh READY... is asked until it says yes, at most so long
#        WHAT: "mysql on server2", NEEDING: the service that waits; both for the message
# Exit 1: it did not answer in time; says so on standard error.
# Reads BUILD_STACK_SHELL; without it the shell is /bin/sh. Services that await something have this and ready.sh of their
# own, for boots (services/awaiting.ts): where /bin/sh is the Bourne shell, that has to do.
# Runs under dash, ksh88, ksh93, busybox sh and the Bourne shell.
what=$1
needing=$2
limit=$3
shift
shift
shift
shell=${BUILD_STACK_SHELL:-/bin/sh}

# Without perl each attempt counts for a second, as its pause takes.
now() {
  perl -e 'print time' 2>/dev/null || expr "$begun" + "$attempts"
}

case $1 in
command) ;;
*)
  # netstat, which ready.sh asks without it, knows only this host.
  perl -e 1 2>/dev/null || {
    echo "perl is not on the PATH of hosts.yaml, and nothing else can ask another box: $PATH" >&2
    exit 1
  }
  ;;
esac

here=`dirname "$0"`
begun=0
attempts=0
begun=`now`
until "$shell" "$here/ready.sh" "$@"; do
  [ "$attempts" -gt 0 ] || echo "waiting for $what, at most $limit s"
  now=`now`
  waited=`expr "$now" - "$begun"`
  if [ "$waited" -ge "$limit" ]; then
    wanted=`"$shell" "$here/ready.sh" what "$@"`
    echo "$what does not $wanted within $limit s, and $needing needs it" >&2
    exit 1
  fi
  attempts=`expr "$attempts" + 1`
  sleep 1
done
