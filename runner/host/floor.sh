#!/bin/sh
# What a staged tree needs of a host's C library and processor, read from its programs and libraries, as JSON on one line:
#   {"libc":["GLIBC_2.34"],"cpu":["x86-64-v2"]}
# libc: the highest version of each family of its symbols (GLIBC, ILLUMOS, SUNW). cpu: what the files' notes say, and the
# words given; of the levels x86-64-v2, -v3, -v4, each that is needed; on Solaris names such as avx.
# Usage: floor.sh STAGE [CPU...]   (CPU: what the compiler was told to make use of, which few linkers note)
# Writes floor.found in this folder. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2016 # awk's own $
stage=$1
shift
awk=$(command -v nawk || command -v awk)

# Symbol versions and notes of all programs and libraries. The version section says which library a version is of.
versions() {
  # shellcheck disable=SC2086 # a program with its options
  find "$stage" -type f \( -perm -100 -o -name '*.so' -o -name '*.so.*' \) -exec "$@" {} + 2>/dev/null
}

if command -v readelf >/dev/null 2>&1; then
  versions readelf -VnW
elif command -v greadelf >/dev/null 2>&1; then
  versions greadelf -VnW
elif command -v elfdump >/dev/null 2>&1; then
  versions elfdump -v -H
fi | "$awk" '
  # What a library itself defines is no need: readelf has "Version needs section", elfdump "Version Needed Section".
  /^Version / { needed = tolower($2) ~ /^need/ }
  # elfdump: "[ SSE2 SSE CMOV ]" behind CA_SUNW_HW_1
  /CA_SUNW_HW_[12]/ {
    text = $0; sub(/^.*CA_SUNW_HW_[0-9][^[]*\[/, "", text); sub(/\].*/, "", text)
    count = split(text, words, " ")
    for (i = 1; i <= count; i++) print "cpu " tolower(words[i])
    next
  }
  /x86 ISA needed:/ {
    count = split($0, words, /[ ,]+/)
    for (i = 1; i <= count; i++) if (words[i] ~ /^x86-64-v[0-9]+$/) print "cpu " words[i]
    next
  }
  needed {
    text = $0
    while (match(text, /(GLIBC|ILLUMOS|SUNW)_[0-9][0-9.]*|GLIBC_ABI_DT_RELR/)) {
      name = substr(text, RSTART, RLENGTH)
      text = substr(text, RSTART + RLENGTH)
      # Packed relocations came with that version.
      if (name == "GLIBC_ABI_DT_RELR") name = "GLIBC_2.36"
      print "libc " name
    }
  }' | sort -u >floor.found
for word in "$@"; do printf 'cpu %s\n' "$word" >>floor.found; done

# Numbers, not texts: 2.9 is before 2.34.
"$awk" '
  function later(one, other,  a, b, i, n) {
    n = split(one, a, "."); if (split(other, b, ".") > n) n = split(other, b, ".")
    for (i = 1; i <= n; i++) if (a[i] + 0 != b[i] + 0) return a[i] + 0 > b[i] + 0
    return 0
  }
  $1 == "libc" {
    family = $2; sub(/_.*/, "", family); number = substr($2, length(family) + 2)
    if (!(family in highest) || later(number, highest[family])) highest[family] = number
  }
  # They are words of ours and of a compiler: nothing else may become JSON.
  $1 == "cpu" && $2 ~ /^[a-z0-9._-]+$/ && !seen[$2]++ {
    if ($2 ~ /^x86-64-v[2-9]$/) { level = substr($2, 9) + 0; if (level > top) top = level }
    else if ($2 !~ /^x86-64/) cpu = cpu (cpu ? "," : "") "\"" $2 "\""
  }
  END {
    for (level = 2; level <= top; level++) cpu = cpu (cpu ? "," : "") "\"x86-64-v" level "\""
    count = split("GLIBC ILLUMOS SUNW", families, " ")
    for (i = 1; i <= count; i++) if (families[i] in highest)
      libc = libc (libc ? "," : "") "\"" families[i] "_" highest[families[i]] "\""
    printf "{\"libc\":[%s],\"cpu\":[%s]}\n", libc, cpu
  }' floor.found
