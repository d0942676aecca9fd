#!/bin/sh
# Applies one patch in this folder, or says why it does not apply. A patch that is applied already is an error:
# then the source is not what the recipe thinks it is.
# Usage: patch.sh FILE STRIP FUZZ
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
file=$1
strip=$2
fuzz=$3

if command -v gpatch >/dev/null 2>&1; then
  command=gpatch
else
  command='patch'
fi
applied=
# Asked before: afterwards the hunks that did apply would look so too.
if "$command" -R -f --dry-run "-p$strip" "-F$fuzz" -i "$file" >/dev/null 2>&1; then
  applied=yes
fi
# -N: never take a patch back that looks reversed; -f: ask nothing; -F: lines of context that may differ.
if "$command" -N -f "-p$strip" "-F$fuzz" -i "$file"; then
  exit 0
fi
rejects=$(find . -name '*.rej' -print)
if [ -n "$rejects" ]; then
  echo "$rejects" | while read -r reject; do
    echo "rejected: $(pwd)/${reject#./}" >&2
    sed -n 's/^@@/hunk @@/p' "$reject" >&2
  done
fi
if [ -n "$applied" ]; then
  echo "it is applied already: the archive, or an earlier patch, has it" >&2
fi
echo "patch ${file##*/} does not apply to $(pwd)" >&2
exit 1
