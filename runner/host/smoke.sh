#!/bin/sh
# Runs one smoke test.
# Usage: smoke.sh PATTERN COMMAND...   (PATTERN: extended regular expression that the output must match; empty: any)
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
pattern=$1
shift
output=$("$@" 2>&1)
code=$?
printf '%s\n' "$output"
if [ $code -ne 0 ]; then
  echo "smoke test: exit code $code from: $*" >&2
  exit 1
fi
[ -n "$pattern" ] || exit 0
if printf '%s\n' "$output" | grep -E -- "$pattern" >/dev/null; then
  exit 0
fi
echo "smoke test: the output of $* does not match: $pattern" >&2
exit 1
