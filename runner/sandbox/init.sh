#!/bin/sh
# Process 1 of a sandbox: starts the server, reaps what loses its parent, and passes SIGTERM on. When it ends, the
# kernel ends every process of the sandbox. Runs under any POSIX shell:
# init.sh NODE SERVER NAME KIND STATE SUPERVISOR-PID SUPERVISOR-START-TIME
set -eu
node=$1 server=$2 name=$3
shift 3

mount -t proc proc /proc
hostname "$name"

"$node" "$server" "$@" 9>&- &
child=$!
trap 'kill -TERM "$child"' TERM
status=0
while kill -0 "$child" 2>/dev/null; do
  # A signal ends wait early, so it is asked again until the server is gone.
  wait "$child" && status=0 || status=$?
done
exit "$status"
