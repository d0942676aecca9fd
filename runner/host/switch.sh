#!/bin/sh
# Puts a staged tree under the prefix so that an interruption at any point can be undone or finished, and takes away
# what the version before had and this one lacks. A component is a recipe, or a recipe's services.
# Usage: switch.sh prepare STAGE PREFIX COMPONENT [CONFLICTS]   copies and checks, while the version before still serves;
#                                                   changes nothing but its journal. STAGE mirrors the prefix;
#                                                   CONFLICTS: adopt or overwrite what is nobody's and in the way
#                                                   (see replaced.sh)
#        switch.sh switch PREFIX COMPONENT          puts what was prepared in place
#        switch.sh install STAGE PREFIX COMPONENT [CONFLICTS]   both
#        switch.sh remove PREFIX COMPONENT          takes it away; undo and commit as after an install
#        switch.sh commit PREFIX RECEIPT COMPONENT...  the new version is the installed one from here on; all
#                                                   of the components or, if one has a fault, none. RECEIPT is of
#                                                   the last one; may be empty
#        switch.sh receipt PREFIX COMPONENT RECEIPT   a new receipt without a switch
#        switch.sh undo PREFIX COMPONENT            back to the version before; nothing to undo is fine
#        switch.sh recover PREFIX                   finishes or undoes each switch that was interrupted
#
# The journal is PREFIX/var/build-stack/journal/COMPONENT, on the file system of the prefix, so that putting a file in
# place is a rename:
#   state      preparing, prepared, switching, then committed, or restoring for an undo; over when only the journal is left
#   new/ old/  files on their way in, and files that they replace or that vanish
#   new.list   paths of the new version            old.list   paths of the version before
#   existing   paths of new.list that were there before     vanishing   paths of old.list that the new one lacks
#   *.folders  folders: new and old, of others, created by the switch, leaving with it
#   before     "MODE PATH" of the version before's folders   staged   the same of the new one's
#   files      what goes into the receipts (see tree.sh)
# Folders are a component's when it, or another component, made them: others are never removed or changed.
# Reads BUILD_STACK_SHA256, BUILD_STACK_SHELL.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.

# shellcheck disable=SC1091,SC2154 # beside this file
. "${0%/*}/tree.sh"
# shellcheck disable=SC1091
. "${0%/*}/prepare.sh"
# shellcheck disable=SC1091
. "${0%/*}/replaced.sh"

fail() {
  echo "$*" >&2
  exit 1
}

# The folders of a component; used by every verb.
# shellcheck disable=SC2034 # for replaced.sh
component() {
  prefix=$1
  name=$2
  journal=$prefix/var/build-stack/journal/$2
  receipts=$prefix/var/build-stack/receipts
  replaced=$prefix/var/build-stack/replaced/$2
}

state() {
  cat "$journal/state" 2>/dev/null
}

set_state() {
  printf '%s\n' "$1" >"$journal/state.next" && mv -f "$journal/state.next" "$journal/state"
}

# A journal that is half removed must not be taken for one that is half done.
discard() {
  set_state over
  rm -rf "$journal"
}

refuse() {
  discard
  fail "$@"
}

switch() {
  set_state switching || return 1
  open_folders <"$journal/old.folders" || return 1
  # The version before: links to what will be replaced, and what vanishes moved out of the way.
  sort -u "$journal/existing" "$journal/vanishing" | folders_of |
    commands 'mkdir -p' "$journal/old" | run_commands || return 1
  # A hard link to a symbolic link is not portable: those are moved.
  found_in "$prefix" '-type l' <"$journal/existing" >"$journal/links" || return 1
  comm -23 "$journal/existing" "$journal/links" |
    commands_by_folder ln "$prefix" "$journal/old" | run_commands || return 1
  sort "$journal/vanishing" "$journal/links" |
    commands_by_folder 'mv -f' "$prefix" "$journal/old" | run_commands || return 1
  sort -r "$journal/leaving.folders" | remove_empty
  without_folder "$prefix" <"$journal/new.folders" | sort >"$journal/created.next" || return 1
  mv -f "$journal/created.next" "$journal/created.folders" || return 1
  # A folder that is not there yet comes as a whole: one rename for all that is in it. Not every mv takes one to another
  # file system, which a link or a mount below the prefix can lead to: what is left of it comes file by file.
  # shellcheck disable=SC2094 # it is only read
  not_below "$journal/created.folders" - <"$journal/created.folders" |
    commands_by_folder 'mv -f' "$journal/new" "$prefix" '2>/dev/null' | run_commands
  without_folder "$prefix" <"$journal/created.folders" | commands mkdir "$prefix" | run_commands || return 1
  (cd "$journal/new" && find . ! -type d -print) | sed 's|^\./||' | sort |
    commands_by_folder 'mv -f' "$journal/new" "$prefix" | run_commands || return 1
  close_folders
}

# Those of the folders on standard input that are there, children first. One with somebody else's files in it stays.
remove_empty() {
  commands rmdir "$prefix" '2>/dev/null' | run_commands
  return 0
}

# Only root may change a folder that is closed for writing; others have to open their own.
open_folders() {
  while IFS= read -r path; do
    if is_folder "$prefix/$path" && [ ! -w "$prefix/$path" ]; then printf '%s\n' "$path"; fi
  done | commands 'chmod u+rwx' "$prefix" | run_commands
}

# Modes of the folders that are this component's alone, as staged; and the list of all that it shares.
# shellcheck disable=SC2016 # awk's own $
close_folders() {
  {
    cat "$journal/created.folders"
    comm -12 "$journal/new.folders" "$journal/old.folders" | comm -23 - "$journal/others.folders"
  } | sort -u >"$journal/own.folders" || return 1
  "$awk" 'FILENAME == ARGV[1] { own[$0]; next } substr($0, index($0, " ") + 1) in own' \
    "$journal/own.folders" "$journal/staged" | mode_commands "$prefix" | run_commands || return 1
  sort -u "$journal/own.folders" "$journal/others.folders" | comm -12 - "$journal/new.folders" >"$journal/recorded.folders"
  "$awk" 'FILENAME == ARGV[1] { recorded[$0]; next }
    { path = substr($0, index($0, " ") + 1); if (path in recorded) print "d " $1 " - - " path }' \
    "$journal/recorded.folders" "$journal/staged" >>"$journal/files"
}

stuck() {
  fail "the switch of $name could not be undone; its journal is $journal"
}

undo() {
  [ -d "$journal" ] || return 0
  case $(state) in
  committed)
    finish
    return
    ;;
  switching)
    take_back || stuck
    set_state restoring || stuck
    put_back || stuck
    ;;
  restoring) put_back || stuck ;;
  esac
  discard
}

# What the switch brought. A path that was there before keeps its new file until the old one replaces it, but for a link:
# some mv would follow it. This must be over before anything is put back: then a path may lead through an old link.
# shellcheck disable=SC2016 # awk's own $
take_back() {
  made=$journal/created.folders
  [ -f "$made" ] || made=/dev/null
  sort -u "$made" "$journal/old.folders" | open_folders || return 1
  {
    (cd "$journal/new" && find . ! -type d -print) | sed 's|^\./||' | not_below "$made" - | sed 's/^/waits /'
    comm -23 "$journal/new.list" "$journal/existing" | files_in "$prefix" | sed 's/^/there /'
    found_in "$prefix" '-type l' <"$journal/existing" | sed 's/^/there /'
  } | "$awk" '{ path = substr($0, 7) } /^waits / { waits[path]; next } !(path in waits) { print path }' |
    commands 'rm -f' "$prefix" | run_commands || return 1
  sort -r "$made" | remove_empty
}

put_back() {
  sed 's/^[0-7]* //' "$journal/before" | sort | without_folder "$prefix" | commands mkdir "$prefix" | run_commands || return 1
  sed 's/^[0-7]* //' "$journal/before" | open_folders || return 1
  not_there_yet | sort | commands_by_folder 'mv -f' "$journal/old" "$prefix" | run_commands || return 1
  mode_commands "$prefix" <"$journal/before" | run_commands
}

# Files of the journal's old/, but for those that were not replaced yet and have both names: some mv refuses those.
# shellcheck disable=SC2016 # awk's own $
not_there_yet() {
  {
    (cd "$journal/old" && find . ! -type d -exec ls -di {} +)
    echo .
    (cd "$journal/old" && find . ! -type d -print) | sed 's|^\./||' | commands 'ls -di' "$prefix" '2>/dev/null' | run_commands
  } | "$awk" '
    $0 == "." { there = 1; next }
    { path = $0; sub(/^ *[0-9]+ \.\//, "", path) }
    !there { number[path] = $1; next }
    number[path] == $1 { delete number[path] }
    END { for (path in number) print path }'
}

# Between the first and the last component's state a kill can still leave the first one committed alone: the receipt of the
# last says then what the version before was, and the next run does the work again.
commit() {
  prefix=$1
  receipt=$2
  shift 2
  for each in "$@"; do
    component "$prefix" "$each"
    [ "$(state)" = switching ] || fail "there is no switch of $each to commit"
  done
  # The last of the loop above is the one that the receipt is of.
  if [ -n "$receipt" ]; then
    cp "$receipt" "$journal/receipt" || exit 1
  fi
  for each in "$@"; do
    component "$prefix" "$each"
    if ! set_state committed; then
      for other in "$@"; do
        component "$prefix" "$other"
        set_state switching
      done
      fail "$each could not be committed"
    fi
  done
  for each in "$@"; do
    component "$prefix" "$each"
    finish
  done
}

# Can be repeated.
finish() {
  settle_replaced || exit 1
  if [ -f "$journal/removal" ]; then
    rm -f "$receipts/$name.json" "$receipts/$name.files" || exit 1
  else
    if [ -f "$journal/files" ]; then mv -f "$journal/files" "$receipts/$name.files" || exit 1; fi
    if [ -f "$journal/receipt" ]; then mv -f "$journal/receipt" "$receipts/$name.json" || exit 1; fi
  fi
  discard
}

recover() {
  for found in "$1"/var/build-stack/journal/*; do
    [ -d "$found" ] || continue
    component "$1" "${found##*/}"
    case $(state) in
    committed) echo "an interrupted switch of $name is finished" ;;
    switching | restoring) echo "an interrupted switch of $name is undone" ;;
    esac
    undo
  done
}

put_in_place() {
  if ! switch; then
    undo
    fail "$name could not be put in place; the prefix is as it was"
  fi
}

verb=$1
shift
conflicts=
case $verb in
prepare | install)
  component "$2" "$3"
  # shellcheck disable=SC2034 # for replaced.sh
  conflicts=${4:-}
  prepare "$1"
  if [ "$verb" = install ]; then put_in_place; fi
  ;;
switch)
  component "$1" "$2"
  [ "$(state)" = prepared ] || fail "no switch of $name is prepared: do the step before this one again"
  put_in_place
  ;;
remove)
  component "$1" "$2"
  prepare ''
  put_in_place
  ;;
commit) commit "$@" ;;
receipt)
  component "$1" "$2"
  mkdir -p "$receipts" || exit 1
  cp "$3" "$receipts/$name.json.next" && mv -f "$receipts/$name.json.next" "$receipts/$name.json"
  ;;
undo)
  component "$1" "$2"
  undo
  ;;
recover) recover "$1" ;;
*) fail "switch.sh: unknown verb $verb" ;;
esac
