#!/bin/sh
# A shell in a recipe's build folder, and what was changed there as a patch. Sourced by workplace.sh of the job's folder, which
# has set the environment of the steps, and
#   job      the job's folder                          place    the build folder
#   top      the source's folder in place, relative to it; what patches are relative to
#   folder   where configure and make run; absolute    unpack_pristine   a function: the source as it was unpacked and
#                                                               patched, to place/pristine
#   strip prefix   how many leading parts of its paths the recipe has patches without, and those parts
# Usage: workplace.sh prepare           whether there can be a shell; makes ready to tell what will be changed
#        workplace.sh open              a shell; its commands come from a terminal, or from standard input
#        workplace.sh patch [NEW...]   prints the patch. NEW: files that are not in the source and belong to it. On standard
#                                       error "strip N", and a line for each file: "changed PATH", "added PATH", "removed
#                                       PATH", "new PATH" (not taken), "binary PATH" (cannot be)
# Exit: of open that of the shell; 3 there is no such folder; 4 a job is at work in it; 5 nobody has had a shell there; 1 else.
# In the build folder: edited, made when the first shell was opened: what is newer was changed by hand; files.edited, what
# was there then. A job that finds edited keeps the folder aside: see resume.sh.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # set by the caller
# shellcheck disable=SC1091 # beside the job's steps
. "$job/alive.sh"

files_here() {
  find . -type f -print | LC_ALL=C sort
}

prepare() {
  [ -d "$folder" ] || exit 3
  last=$(cat "$place/job" 2>/dev/null)
  if [ -f "$last/pid" ] && [ ! -f "$last/exit" ] && is_alive "$(cat "$last/pid")"; then exit 4; fi
  if [ ! -f "$place/edited" ]; then
    rm -rf "$place/pristine"
    unpack_pristine >"$place/pristine.log" 2>&1 || {
      cat "$place/pristine.log" >&2
      exit 1
    }
    (cd "$place/$top" && files_here) >"$place/files.edited" || exit 1
    : >"$place/edited"
  fi
}

open() {
  # Not the job's own, by which its processes are known and ended.
  TMPDIR=$job/shell/tmp
  export TMPDIR
  mkdir -p "$TMPDIR"
  cd "$folder" || exit 1
  # The end of a connection ends the shell, and not what is left to be done here.
  trap : HUP INT TERM
  if [ ! -t 0 ]; then
    "$BUILD_STACK_SHELL" -s
  elif command -v bash >/dev/null 2>&1; then
    # Start-up files would change the environment.
    PS1='\w\$ ' bash --norc --noprofile
  else
    ENV='' "$BUILD_STACK_SHELL" -i
  fi
  code=$?
  [ -n "$(changes)" ] || rm -rf "$place/edited" "$place/files.edited" "$place/pristine"
  exit $code
}

# Paths below top, one a line.
changes() {
  (
    cd "$place/$top" || exit 1
    find . -type f -newer "$place/edited" -print
    files_here | LC_ALL=C comm -13 - "$place/files.edited"
  ) | LC_ALL=C sort -u | sed 's|^\./||'
}

# $1: name in the patch; $2, $3: old and new file.
print_difference() {
  diff -u "$2" "$3" >"$place/difference" 2>/dev/null
  case $(sed 1q "$place/difference") in
  '---'*)
    old=$1 new=$1
    [ "$2" != /dev/null ] || old=/dev/null
    [ "$3" != /dev/null ] || new=/dev/null
    # Patch takes a name with a blank for one only up to a tab.
    case $1 in *' '*) tab='	' ;; *) tab='' ;; esac
    printf -- '--- %s%s\n+++ %s%s\n' "$old" "$tab" "$new" "$tab"
    sed 1,2d "$place/difference"
    ;;
  '') return 1 ;;
  *) echo "binary $1" >&2 ;;
  esac
}

patch_of() {
  [ -d "$place/$top" ] || exit 3
  [ -f "$place/edited" ] || exit 5
  echo "strip $strip" >&2
  changes | while IFS= read -r path; do
    old=$place/pristine/${top#build}/$path
    new=$place/$top/$path
    if [ -f "$old" ] && [ -f "$new" ]; then
      if print_difference "$prefix$path" "$old" "$new"; then echo "changed $path" >&2; fi
    elif [ -f "$old" ]; then
      print_difference "$prefix$path" "$old" /dev/null && echo "removed $path" >&2
    else
      wanted=
      for each in "$@"; do [ "$each" != "$path" ] || wanted=yes; done
      if [ -z "$wanted" ]; then
        echo "new $path" >&2
      elif print_difference "$prefix$path" /dev/null "$new"; then
        echo "added $path" >&2
      fi
    fi
  done
  rm -f "$place/difference"
}

case $1 in
prepare) prepare ;;
open) open ;;
patch)
  shift
  patch_of "$@"
  ;;
esac
