#!/bin/sh
# What a switch will do, as lists in its journal, and whether it may. Sourced by switch.sh, whose variables it uses.
# Changes nothing outside the journal.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154

# $1: the stage; empty for a component that is to go.
prepare() {
  undo
  mkdir -p "$journal/new" "$journal/old" "$receipts" || exit 1
  set_state preparing || exit 1
  if [ -n "$1" ]; then
    [ -d "$1" ] || refuse "nothing was staged in $1: does the install step honour DESTDIR?"
    if [ -n "$(find "$1" -name '*
*' -print)" ]; then
      refuse "a staged file has a line break in its name"
    fi
    # Both read the same files at the same time, which most hosts have two processors for.
    sums_of "$1" >"$journal/files.sums" &
    copied=yes
    copy_stage "$1" || copied=
    wait $! || copied=
    [ -n "$copied" ] || refuse "$1 could not be copied to $journal"
  else
    : >"$journal/removal" || exit 1
    : >"$journal/files.sums" || exit 1
  fi
  # A list that is cut short, by a full disk, would lose files.
  if ! list_staged || ! list_recorded || ! stage_replaced || ! list_changes; then
    refuse "the files of $name could not be listed in $journal"
  fi
  check_conflicts
  set_state prepared || refuse "the state of $name could not be written to $journal"
}

# Solaris' own tar needs E for long names.
copy_stage() {
  pack='tar cf'
  if command -v gtar >/dev/null 2>&1; then
    pack='gtar cf'
  elif [ "$(uname -s)" = SunOS ]; then
    pack='tar cEf'
  fi
  # o: the files belong to who installs, not to who built; p: modes as staged, not as the umask would have them.
  (cd "$1" && $pack - . || : >"$journal/copy-failed") | (cd "$journal/new" && tar xopf -) || return 1
  [ ! -f "$journal/copy-failed" ]
}

list_staged() {
  list_files "$journal/new" "$journal/files" || return 1
  paths "$journal/files" >"$journal/new.list" || return 1
  (cd "$journal/new" && find . -type d ! -name . -exec ls -ldn {} +) |
    octal_modes | sort -k 2 >"$journal/staged" || return 1
  sed 's/^[0-7]* //' "$journal/staged" | sort >"$journal/new.folders" || return 1
  # Files will be moved out of these, which their modes may not allow.
  find "$journal/new" -type d -exec chmod u+rwx {} +
}

# What the receipts say: of the version before, and of the other components.
list_recorded() {
  recorded=$receipts/$name.files
  [ -f "$recorded" ] || recorded=/dev/null
  paths "$recorded" >"$journal/old.list" || return 1
  folders "$recorded" >"$journal/old.folders" || return 1
  for list in "$receipts"/*.files; do
    if [ -f "$list" ] && [ "$list" != "$recorded" ]; then folders "$list"; fi
  done | sort -u >"$journal/others.folders" || return 1
  found_in "$prefix" '-type d' <"$journal/old.folders" | commands 'ls -ldn' "$prefix" | run_commands |
    octal_modes | sort -k 2 >"$journal/before"
}

list_changes() {
  comm -13 "$journal/new.list" "$journal/old.list" | files_in "$prefix" | sort >"$journal/vanishing" || return 1
  # What seems to be there through a link that goes is not there.
  not_below "$journal/vanishing" "$journal/new.list" | files_in "$prefix" | sort >"$journal/existing" || return 1
  sort -u "$journal/new.folders" "$journal/others.folders" |
    comm -13 - "$journal/old.folders" | sort >"$journal/leaving.folders"
}

# A file of another recipe or of nobody is not ours to replace.
check_conflicts() {
  {
    comm -23 "$journal/existing" "$journal/old.list"
    # A file where a folder is to be.
    not_below "$journal/vanishing" "$journal/new.folders" | files_in "$prefix" |
      without_folder "$prefix" | sort | comm -23 - "$journal/old.list"
    # A folder gives way to a file only when it is ours and all that is in it goes.
    not_below "$journal/vanishing" "$journal/new.list" | found_in "$prefix" '-type d' | while IFS= read -r path; do
      printf '%s\n' "$path" | comm -23 - "$journal/leaving.folders"
      (cd "$prefix" && find "./$path" ! -type d -print) | sed 's|^\./||' | sort | comm -23 - "$journal/old.list"
    done
  } | sort -u >"$journal/foreign" || refuse "the files in the way could not be listed in $journal"
  : >"$journal/owned"
  [ -s "$journal/foreign" ] || return 0
  {
    for list in "$receipts"/*.files; do
      [ -f "$list" ] || continue
      owner=${list##*/}
      paths "$list" | comm -12 - "$journal/foreign" | tee -a "$journal/owned" |
        while IFS= read -r path; do echo "$prefix/$path is there and belongs to ${owner%.files}"; done
    done
  } >"$journal/conflicts"
  sort -u "$journal/owned" >"$journal/owned.next" && mv -f "$journal/owned.next" "$journal/owned" || exit 1
  permit_conflicts || refuse "the files in the way could not be compared in $journal"
  [ -s "$journal/foreign" ] || return 0
  comm -23 "$journal/foreign" "$journal/owned" |
    while IFS= read -r path; do echo "$prefix/$path is there and belongs to nobody"; done >>"$journal/conflicts"
  sed 20q "$journal/conflicts" >&2
  count=$(wc -l <"$journal/conflicts")
  if [ "$count" -gt 20 ]; then echo "and $((count - 20)) more" >&2; fi
  refuse "$name would replace files that are not its own; move them away, or remove them, and run again"
}
