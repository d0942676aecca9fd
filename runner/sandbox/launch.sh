#!/bin/sh
# Starts a sandbox: takes its lock, notes who holds it, and becomes the process that keeps its namespaces.
# Runs on this machine under any POSIX shell, started by launch.ts: launch.sh STATE NODE SERVER NAME KIND
# Output goes to STATE/server.log. Exit status 75: somebody else holds the sandbox.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
export PATH
cd "$1"
node=$2 server=$3 name=$4 kind=$5

# The lock is held by this process and init.sh; the kernel lets it go when both are gone. It is named again where it
# is passed on: ksh93 closes it otherwise.
exec 9>>lock
flock -n 9 9>&9 || exit 75
# The log of the last run is kept: it may say why that ended.
[ ! -f server.log ] || mv server.log server.log.1
exec >server.log 2>&1 </dev/null

rm -f endpoint.json
read -r stat <"/proc/$$/stat"
# shellcheck disable=SC2086 # split on purpose: field 22 is the start time
set -- $stat
shift 21
printf '%s %s\n' "$$" "$1" >supervisor.new
mv supervisor.new supervisor
start=$1

# Root needs no user namespace and keeps real accounts; everybody else sees himself as root in one.
set -- --mount --uts --ipc --pid --fork --kill-child
unshare --mount true 2>/dev/null || set -- --user --map-root-user "$@"
exec unshare "$@" -- /bin/sh "$here/init.sh" "$node" "$server" "$name" "$kind" "$PWD" "$$" "$start" 9>&9
