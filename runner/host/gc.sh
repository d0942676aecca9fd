#!/bin/sh
# Takes away what a host keeps and nobody needs: folders of jobs that ended more than a day ago and of builds that nobody
# went on with for a day, what was changed there by hand after thirty, packages beyond those to keep, what interrupted
# work left. Fed to the shell on standard input, after four assignments:
#   prefix, work   absolute paths     keep   packages of each recipe     dry   yes: only says what it would take
# Prints "KIND TAB KILOBYTES TAB NAME" for each (KIND: job, build, package, leftover), "busy" when a job runs, which keeps the
# packages as they are, and "end".
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154,SC2016 # set by the caller; awk's own $
set -f
unset CDPATH
store=$prefix/var/build-stack
awk=$(command -v nawk || command -v awk)

# $1: kind, $2: name, then the paths. A folder of a build can be closed for writing.
take() {
  kind=$1
  name=$2
  shift 2
  size=$(du -sk "$@" 2>/dev/null | "$awk" '{ sum += $1 } END { print sum + 0 }')
  if [ "$dry" != yes ]; then
    chmod -R u+rwx "$@" 2>/dev/null
    if ! rm -rf "$@"; then return; fi
  fi
  printf '%s\t%s\t%s\n' "$kind" "$size" "$name"
}

# Whether what is there has not been touched for a day.
is_old() {
  [ -n "$(find "$1" -prune -mtime +0 -print 2>/dev/null)" ]
}

is_running() {
  [ -f "$1" ] && kill -0 "$(sed 's/^pid //;s/[^0-9].*//;1q' "$1")" 2>/dev/null
}

jobs() {
  [ -d "$work/jobs" ] || return 0
  (cd "$work/jobs" && find . ! -name . -prune -type d -print) | sed 's|^\./||' | while IFS= read -r name; do
    job=$work/jobs/$name
    if [ -f "$job/exit" ]; then
      is_old "$job/exit" || continue
    elif is_running "$job/pid"; then
      # What follows a job may be slow, and a build silent for long.
      continue
    elif [ -f "$job/log" ]; then
      is_old "$job/log" || continue
    else
      is_old "$job" || continue
    fi
    take job "$name" "$job"
  done
}

# A job writes its folder's path into the build folder when it begins there: see resume.sh.
builds() {
  [ -d "$work/builds" ] || return 0
  (cd "$work/builds" && find . ! -name . -prune -type d -print) | sed 's|^\./||' | while IFS= read -r name; do
    build=$work/builds/$name
    since=$build
    [ ! -f "$build/job" ] || since=$build/job
    ! is_running "$(cat "$build/job" 2>/dev/null)/pid" || continue
    if [ -f "$build/edited" ]; then
      [ -n "$(find "$since" -prune -mtime +29 -print 2>/dev/null)" ] || continue
    else
      is_old "$since" || continue
    fi
    take build "$name" "$build"
  done
}

# Newest use first; what is installed stays whatever its age.
packages() {
  [ -d "$store/packages" ] || return 0
  set +f
  sed -n 's/.*"package":"\([^"]*\)".*/\1/p' "$store"/receipts/*.json 2>/dev/null | sort -u >"$list.installed"
  set -f
  # shellcheck disable=SC2012 # newest first; the names are ours: no blanks, no line breaks
  ls -t "$store/packages" | sed -n 's/\.json$//p' | while IFS= read -r name; do
    recipe=$(sed -n 's/^{"format":[0-9]*,"recipe":"\([^"]*\)",.*/\1/p' "$store/packages/$name.json")
    printf '%s\t%s\n' "${recipe:-?}" "$name"
  done >"$list.kept"
  keep=$keep "$awk" -F '\t' '
    FILENAME == ARGV[1] { installed[$0]; next }
    ++count[$1] > ENVIRON["keep"] + 0 && !($2 in installed) { print $2 }' "$list.installed" "$list.kept" |
    while IFS= read -r name; do
      take package "$name" "$store/packages/$name.json" "$store/packages/$name.tar.gz" "$store/packages/$name.sha256"
    done
}

leftovers() {
  [ -d "$store" ] || return 0
  {
    find "$store" -type f \( -name '*.next' -o -name '*.build-stack' \) -mtime +0 -print
    # Half of a package: its .json is the last to come and the first to go.
    if [ -d "$store/packages" ]; then
      find "$store/packages" -type f \( -name '*.tar.gz' -o -name '*.sha256' \) -mtime +0 -print |
        while IFS= read -r path; do
          package=${path%.tar.gz}
          [ -f "${package%.sha256}.json" ] || printf '%s\n' "$path"
        done
    fi
    # Journals of switches that were over or had not begun: they hold nothing of the prefix.
    if [ -d "$store/journal" ]; then
      (cd "$store/journal" && find . ! -name . -prune -type d -print) | sed 's|^\./||' | while IFS= read -r name; do
        case $(cat "$store/journal/$name/state" 2>/dev/null) in
        over | preparing | '') if is_old "$store/journal/$name"; then printf '%s\n' "$store/journal/$name"; fi ;;
        esac
      done
    fi
  } | sort -u | while IFS= read -r path; do take leftover "$path" "$path"; done
}

umask 077
list=${TMPDIR:-/tmp}/build-stack-gc.$$
trap 'rm -f "$list.installed" "$list.kept"' EXIT
trap 'exit 1' HUP INT TERM
jobs
builds
if is_running "$work/lock"; then
  echo busy
else
  packages
  leftovers
fi
echo end
