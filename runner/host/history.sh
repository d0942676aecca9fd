#!/bin/sh
# Adds a line to the history of this host: who did what, when, with which result.
# Usage: history.sh PREFIX LINE   (LINE: file with one JSON object that has @AT@, @RESULT@ and @SECONDS@ in it)
# Reads what job.sh leaves in this folder: code (exit status of the job), started (seconds since 1970).
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
folder=$1/var/build-stack
line=$2
awk=$(command -v nawk || command -v awk)

mkdir -p "$folder" || exit 1
if [ "$(cat code)" = 0 ]; then
  result='done'
elif [ "$(cat code)" = 130 ] && [ -f cancelled-by ]; then
  result=cancelled
else
  result=failed
fi
# Not every date knows %s; awk's seed is the time.
now=$("$awk" 'BEGIN { srand(); print srand() }')
sed -e "s/@AT@/$(date -u '+%Y-%m-%dT%H:%M:%SZ')/" -e "s/@RESULT@/$result/" \
  -e "s/@SECONDS@/$((now - $(cat started)))/" "$line" >>"$folder/history"
