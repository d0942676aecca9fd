#!/bin/sh
# The build folder of a recipe's version outlives the jobs that build in it: what one has done, the next need not do again.
# Sourced by job.sh in the job's folder, where it reads
#   build-folder   its path
#   keyed          NAME KEY again|once of each step that works there, in order. KEY: a checksum over all that its result
#                  depends on, the steps before it included. once: it changes files in place (a patch), so that it can
#                  only be repeated from the first step on
#   needs          paths of receipts: when one of them has changed since, nothing is kept
#   from           may be missing: the name of a step that is run, with those after it, whatever was done before
# and in the build folder
#   build/ stage/  and other things that the steps make
#   done           lines of keyed: the steps that ended well
#   at             that of the step that is at work, or was when its job came to its end; with the word "failed" when its
#                  end was its own: then it can go on where it was
#   files.N mark.N the files of build/ before the Nth step began, and when that was
#   job            path of the folder of the job that was here last
#   edited         somebody has had a shell here (see workplace.sh)
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
awk=$(command -v nawk || command -v awk)

# Sets kept to the names of the steps that need not be run, with a blank on each side, and makes the build folder fit
# for the first of the others. Says what it does.
# shellcheck disable=SC2034 # for job.sh
resume() {
  kept=' '
  place=$(cat build-folder)
  mkdir -p "$place" || return 1
  # gc.sh takes away what is old.
  [ ! -f "$place/job" ] || touch "$place/job"
  end_left_processes || return 1
  if [ -f "$place/edited" ]; then
    set_aside || return 1
  elif can_resume; then
    truncate_done
  else
    [ ! -f "$place/mark.1" ] || echo "the build folder of an earlier try does not fit: $why; starting over"
    kept=' '
    empty_folder "$place" || return 1
  fi
  pwd >"$place/job"
}

# A job that was killed may have left a compiler at work.
end_left_processes() {
  last=$(cat "$place/job" 2>/dev/null)
  [ -f "$last/end-processes.sh" ] || return 0
  (cd "$last" && "$BUILD_STACK_SHELL" ./end-processes.sh) && return 0
  echo "processes of $last are still at work in $place" >&2
  return 1
}

# What somebody has written there by hand is never removed by a build.
set_aside() {
  aside=$place.edited-$(date -u '+%Y%m%d%H%M%S')
  echo "the build folder was changed by hand: it is kept as $aside, and the build starts over"
  mv "$place" "$aside" && mkdir -p "$place"
}

# Sets kept, first (the number of the first step to run), and why.
# shellcheck disable=SC2016,SC2034 # awk's own $; for job.sh
can_resume() {
  why='nothing was done there'
  [ -f "$place/done" ] || [ -f "$place/at" ] || return 1
  touch "$place/done" "$place/at"
  # How far the folder came, and how far what it has is what is wanted.
  found=$("$awk" -v from="$(cat from 2>/dev/null)" -v done="$place/done" -v at="$place/at" '
    FILENAME == done { had[++count] = $2; kind[count] = $3; next }
    FILENAME == at { if ($2 != had[count]) { had[++count] = $2; kind[count] = $3; current = count; failed = $4 } next }
    first { next }
    { n++ }
    $1 == from || had[n] != $2 || n == current {
      first = n
      goes_on = n == current && had[n] == $2 && failed != "" && $1 != from
      next
    }
    { names = names $1 " " }
    END {
      if (!first) first = n + 1
      for (i = first; i <= count; i++) if (kind[i] == "once") once = 1
      print first, count + 0, once + 0, goes_on + 0, names
    }' "$place/done" "$place/at" keyed)
  read -r first count once goes_on names <<END
$found
END
  why='what its first step depends on has changed'
  [ "$first" -gt 1 ] || return 1
  while IFS= read -r path; do
    why="$path has changed since"
    [ -z "$(find "$path" -newer "$place/mark.1" -print 2>/dev/null)" ] || return 1
  done <needs
  kept=" $names "
  last=$(cat "$place/job")
  if [ "$first" -le "$count" ]; then
    why='a patch would have to be taken back'
    [ "$once" -eq 0 ] || return 1
    [ "$goes_on" -eq 1 ] || undo_to "$first" || return 1
  fi
  echo "going on where ${last##*/} was"
}

# Removes what came into build/ since the Nth step began. Fails when something that was there has changed since.
undo_to() {
  why="what was there before step $1 is not known"
  [ -f "$place/files.$1" ] || return 1
  (cd "$place" && find build ! -type d -newer "mark.$1" -print | LC_ALL=C sort) >"$place/files.new" || return 1
  why='files of the source were changed in place'
  [ -z "$(LC_ALL=C comm -12 "$place/files.$1" "$place/files.new")" ] || return 1
  list_files >"$place/files.new"
  [ -z "$(LC_ALL=C comm -23 "$place/files.$1" "$place/files.new")" ] || return 1
  # One process for some hundred files. A name with a line break in it could lead elsewhere: none with .. is touched.
  # shellcheck disable=SC2016 # awk's own $
  LC_ALL=C comm -13 "$place/files.$1" "$place/files.new" | "$awk" '
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    function flush() { if (names) print "rm -f" names; names = "" }
    /^build\// && ("/" $0 "/") !~ /\/\.\.\// { names = names " " quoted($0); if (++count % 200 == 0) flush() }
    END { flush() }' | (cd "$place" && "$BUILD_STACK_SHELL" -s)
}

list_files() {
  [ ! -d "$place/build" ] || (cd "$place" && find build ! -type d -print | LC_ALL=C sort)
}

# Keeps the lines of the steps that are kept.
truncate_done() {
  sed "$((first - 1))q" "$place/done" >"$place/done.new" && mv -f "$place/done.new" "$place/done"
  rm -f "$place/at"
}

# A source can have folders that are closed for writing.
empty_folder() {
  chmod -R u+rwx "$1" 2>/dev/null
  rm -rf "$1" && mkdir -p "$1"
}

# $1: the name of a step that begins. Those without a key work elsewhere.
note_begin() {
  line=$(sed -n "/^$1 /p" keyed)
  [ -n "$line" ] || return 0
  number=$(sed -n "/^$1 /=" keyed)
  : >"$place/mark.$number"
  list_files >"$place/files.$number"
  printf '%s\n' "$line" >"$place/at.new" && mv -f "$place/at.new" "$place/at"
}

# On a full disk a configure does not fail, and finds less than there is: what was done before is not to be trusted then.
is_full() {
  dd if=/dev/zero of="$place/room" bs=1024 count=1024 2>/dev/null
  full=$?
  rm -f "$place/room"
  [ $full -ne 0 ]
}

# $1: the name of the step that has ended, $2: its exit code. What a signal ended has left files half written.
note_end() {
  line=$(sed -n "/^$1 /p" keyed)
  [ -n "$line" ] || return 0
  if [ "$2" -eq 0 ]; then
    printf '%s\n' "$line" >>"$place/done" && rm -f "$place/at"
  elif is_full; then
    echo "there is no room left in $place: the next build starts over"
    rm -f "$place/done" "$place/at"
  elif [ "$2" -lt 126 ]; then
    printf '%s failed\n' "$line" >"$place/at.new" && mv -f "$place/at.new" "$place/at"
  fi
}
