#!/bin/sh
# Checks that each staged program and library finds the libraries it was linked to, without anybody's environment: in the
# system's own folders, or through its runtime path in the stage or under the prefix. Runs nothing of what was built.
# Usage: link-check.sh STAGE PREFIX   (STAGE: absolute, the folder that stands for /)
# Exit 1: a library is not found that way; standard error names file, library and the flag that helps.
# One process for some hundred files, not one each. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
stage=$1
prefix=$2
unset LD_LIBRARY_PATH

if command -v readelf >/dev/null 2>&1; then
  reader='readelf -dW'
elif command -v greadelf >/dev/null 2>&1; then
  reader='greadelf -dW'
elif command -v elfdump >/dev/null 2>&1; then
  reader='elfdump -d'
elif command -v dump >/dev/null 2>&1; then
  reader='dump -Lv'
else
  echo "not checked: this host has none of readelf, elfdump and dump"
  exit 0
fi
awk=$(command -v nawk || command -v awk)

work=$(pwd)/link-check.$$
mkdir "$work" || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# "needs FILE TAB LIBRARY" and "path FILE TAB FOLDER", FILE as it will be installed, folders without $ORIGIN.
# Scripts and data are no ELF files, which the reader says on standard error. The second file makes it print names.
# shellcheck disable=SC2086,SC2016 # a program with its option; awk's own $
find "$stage$prefix" -type f \( -perm -100 -o -name '*.so' -o -name '*.so.*' \) \
  -exec $reader /dev/null {} + 2>/dev/null |
  "$awk" -v stage="$stage" '
    function value(  text) {
      if (match($0, /\[[^]]*\][^]]*$/) && $0 ~ /: \[/) { text = substr($0, RSTART + 1); sub(/\].*$/, "", text); return text }
      return $NF
    }
    /^File: / { file = substr($0, 7 + length(stage)); next }
    substr($0, 1, length(stage) + 1) == stage "/" && /:$/ { file = substr($0, length(stage) + 1); sub(/:$/, "", file); next }
    / \(?NEEDED\)? / { print "needs " file "\t" value() }
    / \(?(RUNPATH|RPATH)\)? / {
      folder = file; sub(/\/[^\/]*$/, "", folder)
      count = split(value(), parts, ":")
      for (i = 1; i <= count; i++) {
        gsub(/\$\{ORIGIN\}|\$ORIGIN/, folder, parts[i])
        print "path " file "\t" parts[i]
      }
    }' | sort -u >"$work/dynamic"

# Where the run-time linker looks by itself. Its own cache may name folders of the prefix: those do not count, since another
# host's cache would not.
{
  for folder in /lib /usr/lib /lib64 /usr/lib64 /lib/64 /usr/lib/64 /lib/*-linux-* /usr/lib/*-linux-* /usr/lib/mps; do
    [ -d "$folder" ] && echo "$folder"
  done
  for ldconfig in /sbin/ldconfig /usr/sbin/ldconfig; do
    [ -x "$ldconfig" ] || continue
    "$ldconfig" -p 2>/dev/null | sed -n 's|^.* => \(/.*\)/[^/]*$|\1|p'
    break
  done
} | sort -u | while IFS= read -r folder; do
  case $folder/ in
  "$prefix"/*) ;;
  *) printf '%s\n' "$folder" ;;
  esac
done >"$work/system"

# What lies in the folders that matter: "FOLDER/NAME" as it will be installed. Folders with .. in them are looked up as such.
{
  cat "$work/system"
  printf '%s\n' "$prefix/lib"
  sed -n 's/^path [^	]*	//p' "$work/dynamic"
  sed -n 's/^needs [^	]*	\(\/.*\)\/[^\/]*$/\1/p' "$work/dynamic"
} | sort -u | while IFS= read -r folder; do
  case $folder in
  /*) ;;
  *) continue ;;
  esac
  for place in "$folder" "$stage$folder"; do
    [ -d "$place" ] || continue
    (cd "$place" && find . \( -name . -o -prune \) ! -name . ! -type d -print) | sed "s|^\\.|$(printf '%s' "$folder" | sed 's/[\\&|]/\\&/g')|"
  done
done | sort -u >"$work/there"

# shellcheck disable=SC2016 # awk's own $
"$awk" -v job="$(pwd)/" -v ours="$prefix/lib/" '
  FILENAME ~ /\/system$/ { system_folders[++systems] = $0; next }
  FILENAME ~ /\/there$/ { there[$0] = 1; next }
  {
    kind = $1; rest = substr($0, length(kind) + 2); tab = index(rest, "\t")
    file = substr(rest, 1, tab - 1); text = substr(rest, tab + 1)
  }
  kind == "path" && !(file in reported) && substr(text "/", 1, length(job)) == job { reported[file] = 1; print "leak\t" file "\t" text }
  kind == "path" { paths[file] = paths[file] "\n" text; next }
  { needed[++count] = file "\t" text }
  END {
    for (n = 1; n <= count; n++) {
      split(needed[n], one, "\t"); file = one[1]; library = one[2]; found = 0
      if (library ~ /\//) { if (!(library in there)) print "missing\t" file "\t" library; continue }
      folders = split(paths[file], folder, "\n")
      for (i = 1; i <= folders && !found; i++) if ((folder[i] "/" library) in there) found = 1
      # A library of that name in the system is another one than ours, which the compiler saw.
      for (i = 1; i <= systems && !found && !((ours library) in there); i++) if ((system_folders[i] "/" library) in there) found = 1
      if (!found) print "missing\t" file "\t" library
    }
  }' "$work/system" "$work/there" "$work/dynamic" | sort >"$work/faults"

checked=$(sed -n 's/^needs \([^	]*\)	.*/\1/p' "$work/dynamic" | sort -u | wc -l)
if [ ! -s "$work/faults" ]; then
  echo "$((checked)) programs and libraries find all that they need"
  exit 0
fi
while IFS='	' read -r kind file library; do
  if [ "$kind" = leak ]; then
    echo "$file: its runtime path has the build's own folder, $library, which will be gone" >&2
    continue
  fi
  place=$(cd "$stage$prefix" && find . -name "$library" -print | sed -n '1s|^\.||p')
  [ -n "$place" ] || place=$(cd "$prefix" 2>/dev/null && find . -name "$library" -print | sed -n '1s|^\.||p')
  if [ -n "$place" ]; then
    echo "$file needs $library, which is in $prefix${place%/*}, and has no runtime path there" >&2
    echo "  add to the recipe's env: LDFLAGS: -L$prefix${place%/*} -Wl,-R$prefix${place%/*}" >&2
  else
    echo "$file needs $library, which is neither in the stage, nor under $prefix, nor in the system's folders" >&2
    echo "  make the recipe that has it a dependency, or add its folder: LDFLAGS: -Wl,-R/FOLDER" >&2
  fi
done <"$work/faults"
exit 1
