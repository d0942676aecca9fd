#!/bin/sh
# What a staged tree is linked to and what it offers to link to, as JSON on one line:
#   {"needs":{"LIBRARY":"RECIPE",...},"provides":["SONAME",...],"floor":{...}}
# needs has only libraries that a recipe under the prefix brings: those of the system are not ours to follow.
# Usage: links.sh STAGE PREFIX RECIPE [CPU...]   (STAGE mirrors the prefix; what RECIPE itself brings is not listed as
#                                                needed; CPU and the floor: see floor.sh)
# Reads BUILD_STACK_SHELL. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
stage=$1
receipts=$2/var/build-stack/receipts
recipe=$3
shift 3

if command -v readelf >/dev/null 2>&1; then
  reader='readelf -dW'
elif command -v greadelf >/dev/null 2>&1; then
  reader='greadelf -dW'
elif command -v elfdump >/dev/null 2>&1; then
  reader='elfdump -d'
else
  reader='dump -Lv'
fi
awk=$(command -v nawk || command -v awk)

# "NEEDED NAME" and "SONAME NAME"; readelf writes names as [NAME], the others as the last word. Names with other
# characters than a library's are left out: they would not be JSON.
# shellcheck disable=SC2086,SC2016 # a program with its option; awk's own $
find "$stage" -type f \( -perm -100 -o -name '*.so' -o -name '*.so.*' \) -exec $reader {} + 2>/dev/null |
  "$awk" '/ \(?(NEEDED|SONAME)\)? / {
    kind = $0 ~ /SONAME/ ? "SONAME" : "NEEDED"
    name = $NF; gsub(/[][]/, "", name)
    if (name ~ /^[A-Za-z0-9._+-]+$/) print kind, name
  }' | sort -u >links.found

provides=$(sed -n 's/^SONAME \(.*\)$/"\1"/p' links.found | tr '\n' ',' | sed 's/,$//')
needs=$(
  sed -n 's/^NEEDED //p' links.found | while read -r library; do
    for list in "$receipts"/*.files; do
      if [ ! -f "$list" ] || [ "$list" = "$receipts/$recipe.files" ]; then continue; fi
      # The file's own name or a link's: "... PATH" or "... PATH -> TARGET".
      if grep -F "/$library" "$list" | grep -E "/$(printf '%s' "$library" | sed 's/[.+]/\\&/g')( -> .*)?\$" >/dev/null; then
        owner=${list##*/}
        printf '"%s":"%s"\n' "$library" "${owner%.files}"
        break
      fi
    done
  done | tr '\n' ',' | sed 's/,$//'
)
floor=$("$BUILD_STACK_SHELL" "${0%/*}/floor.sh" "$stage" "$@")
printf '{"needs":{%s},"provides":[%s],"floor":%s}\n' "$needs" "$provides" "$floor"
