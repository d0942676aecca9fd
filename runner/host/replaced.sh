#!/bin/sh
# Files of nobody that are in a switch's way, where the run may take them over (adopt: only such as are the same as the
# new ones) or replace them (overwrite). Replaced ones are kept in PREFIX/var/build-stack/replaced/COMPONENT and come back
# when the component's own file of that path goes: with a removal, or on the way back to a version that lacks it.
# Sourced by switch.sh, whose variables it uses. In the journal:
#   permitted   paths that may be replaced           overwritten   those of them whose old file is kept
#   restored    paths whose old file comes back
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154

# Takes what may be replaced out of the list of conflicts. Reads $journal/foreign and $journal/owned.
permit_conflicts() {
  : >"$journal/overwritten" || return 1
  [ -n "$conflicts" ] || return 0
  comm -23 "$journal/foreign" "$journal/owned" | comm -12 - "$journal/existing" | ordinary >"$journal/strangers" || return 1
  same_as_staged >"$journal/permitted" || return 1
  if [ "$conflicts" = overwrite ]; then
    comm -23 "$journal/strangers" "$journal/permitted" >"$journal/overwritten" || return 1
    cp "$journal/strangers" "$journal/permitted" || return 1
    while IFS= read -r path; do
      echo "$prefix/$path is replaced; the old one is kept as $replaced/$path"
    done <"$journal/overwritten"
  fi
  comm -23 "$journal/foreign" "$journal/permitted" >"$journal/foreign.next" || return 1
  mv -f "$journal/foreign.next" "$journal/foreign"
}

# Those of the paths on standard input that are files or links, in a folder that is really below the prefix: what a link
# of the administrator's leads to elsewhere is not replaced.
# shellcheck disable=SC2016 # awk's own $
ordinary() {
  top=$(cd "$prefix" && pwd -P)
  cat >"$journal/asked" || return 1
  folders_of <"$journal/asked" | while IFS= read -r path; do
    case $(cd "$prefix/$path" && pwd -P)/ in
    "$top"/*) ;;
    *) printf '%s\n' "$path" ;;
    esac
  done >"$journal/elsewhere" || return 1
  "$awk" '
    FILENAME == ARGV[1] { elsewhere[$0]; next }
    { folder = $0; if (!sub(/\/[^\/]*$/, "", folder)) folder = "" }
    !(folder in elsewhere) { print }' "$journal/elsewhere" "$journal/asked" | found_in "$prefix" '\( -type f -o -type l \)'
}

# Those of $journal/strangers that have the type and content, or target, of the new ones. Modes are no difference.
same_as_staged() {
  commands 'ls -ldn' "$prefix" <"$journal/strangers" | run_commands >"$journal/strangers.modes" || return 1
  found_in "$prefix" '-type f' <"$journal/strangers" | commands "$BUILD_STACK_SHA256" "$prefix" |
    run_commands >"$journal/strangers.sums" || return 1
  file_lines "$journal/strangers.sums" "$journal/strangers.modes" | without_modes | sort >"$journal/strangers.files" || return 1
  without_modes <"$journal/files" | sort | comm -12 - "$journal/strangers.files" >"$journal/same" || return 1
  paths "$journal/same"
}

without_modes() {
  sed 's/^\(.\) [^ ]* /\1 - /'
}

# What comes back takes the way of the new files. Before the changes are listed.
stage_replaced() {
  : >"$journal/restored" || return 1
  [ -d "$replaced" ] || return 0
  (cd "$replaced" && find . ! -type d -print) | sed 's|^\./||' | sort >"$journal/aside" || return 1
  comm -13 "$journal/new.list" "$journal/old.list" | comm -12 - "$journal/aside" >"$journal/restored" || return 1
  copy_files "$replaced" "$journal/new" <"$journal/restored" || return 1
  sort -u "$journal/new.list" "$journal/restored" >"$journal/new.next" && mv -f "$journal/new.next" "$journal/new.list"
}

# At the end of a switch. Can be repeated.
settle_replaced() {
  if [ -s "$journal/restored" ]; then
    commands 'rm -f' "$replaced" <"$journal/restored" | run_commands || return 1
  fi
  if [ -s "$journal/overwritten" ]; then
    files_in "$journal/old" <"$journal/overwritten" >"$journal/aside" || return 1
    mkdir -p "$replaced" || return 1
    folders_of <"$journal/aside" | commands 'mkdir -p' "$replaced" | run_commands || return 1
    commands_by_folder 'mv -f' "$journal/old" "$replaced" <"$journal/aside" | run_commands || return 1
  fi
  [ -d "$replaced" ] || return 0
  (cd "$replaced" && find . -type d ! -name . -print) | sort -r | commands rmdir "$replaced" '2>/dev/null' | run_commands
  rmdir "$replaced" 2>/dev/null
  return 0
}
