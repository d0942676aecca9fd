#!/bin/sh
# Puts a staged tree under the prefix so that an interruption at any point can be undone or finished, and takes away
# what the version before had and this one lacks. A component is a recipe, or a recipe's services.
# Usage: switch.sh install STAGE PREFIX COMPONENT   STAGE mirrors the prefix
#        switch.sh commit PREFIX COMPONENT [RECEIPT]  the new version is the installed one from here on
#        switch.sh receipt PREFIX COMPONENT RECEIPT   a new receipt without a switch
#        switch.sh undo PREFIX COMPONENT            back to the version before; nothing to undo is fine
#        switch.sh recover PREFIX                   finishes or undoes each switch that was interrupted
#
# The journal is PREFIX/var/build-stack/journal/COMPONENT, on the file system of the prefix, so that putting a file in
# place is a rename:
#   state      preparing, switching or committed; a recovery finishes what is committed and undoes all else
#   new/ old/  files on their way in, and files that they replace or that vanish
#   new.list   paths of the new version            old.list   paths of the version before
#   existing   paths of new.list that were there before     created    folders that the switch made
#   files      what goes into the receipts: type, mode, size, sha256 and path of each file
# Paths are relative to the prefix, a line each, sorted in the C locale. Reads BUILD_STACK_SHA256.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
LC_ALL=C
export LC_ALL
awk=$(command -v nawk || command -v awk)

fail() {
  echo "$*" >&2
  exit 1
}

# The folders of a component; used by every verb.
component() {
  prefix=$1
  name=$2
  journal=$prefix/var/build-stack/journal/$2
  receipts=$prefix/var/build-stack/receipts
}

set_state() {
  printf '%s\n' "$1" >"$journal/state.next" && mv -f "$journal/state.next" "$journal/state"
}

# Prints commands that do "$1 FILES... $3/FOLDER/" in "$2/FOLDER" for the paths on standard input, some hundred a time.
# One process for many files: a file at a time would take seconds for a Python.
# $1 is one word or two ("mv -f"); paths are data and are quoted.
# shellcheck disable=SC2016 # awk's own $
commands_by_folder() {
  OPERATION=$1 FROM=$2 TO=$3 "$awk" '
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    function flush() {
      if (count) printf "cd %s && %s%s %s || exit 1\n", quoted(ENVIRON["FROM"] "/" folder), ENVIRON["OPERATION"], names, quoted(ENVIRON["TO"] "/" folder "/")
      names = ""; count = 0
    }
    {
      slash = match($0, /\/[^\/]*$/)
      here = slash ? substr($0, 1, slash - 1) : "."
      if (here != folder || count == 200) flush()
      folder = here
      names = names " " quoted("./" (slash ? substr($0, slash + 1) : $0)); count++
    }
    END { flush() }'
}

# The folders that the paths on standard input lie in, parents first.
# shellcheck disable=SC2016 # awk's own $
folders_of() {
  "$awk" '{ while (match($0, /\/[^\/]*$/)) { $0 = substr($0, 1, RSTART - 1); if (!seen[$0]++) print } }' | sort
}

run_commands() {
  "$BUILD_STACK_SHELL" "$1"
}

is_there() {
  [ -h "$1" ] || [ -e "$1" ]
}

is_folder() {
  [ -d "$1" ] && [ ! -h "$1" ]
}

# type, mode, size, sha256 and path ("path -> target" for a link) of each file in a folder.
# shellcheck disable=SC2016 # awk's own $
list_files() (
  cd "$1" || exit 1
  # shellcheck disable=SC2086 # several words: "digest -v -a sha256"
  find . -type f -exec $BUILD_STACK_SHA256 {} + >"$2.sums" || exit 1
  find . ! -type d -exec ls -ldn {} + >"$2.modes" || exit 1
  "$awk" '
    NR == FNR {
      # sha256sum: "HEX  ./PATH"; digest and openssl: "NAME (./PATH) = HEX", "NAME(./PATH)= HEX"
      if (match($0, /\(\.\/.*\) ?= ?/)) {
        path = substr($0, RSTART + 3); hex = path
        sub(/\) ?= ?[0-9a-f]+$/, "", path); sub(/^.*= ?/, "", hex)
      } else { hex = substr($0, 1, 64); path = $0; sub(/^[0-9a-f]+ [ *]\.\//, "", path) }
      sum[path] = hex; next
    }
    {
      path = substr($0, index($0, " ./") + 3)
      if (substr($1, 1, 1) == "l") print "l " $1 " " $5 " - " path
      else print "f " $1 " " $5 " " sum[path] " " path
    }' "$2.sums" "$2.modes" | sort -k 5 >"$2"
  rm -f "$2.sums" "$2.modes"
)

# Paths of a list made by list_files.
paths() {
  sed -e '/^l /s/ -> .*$//' -e 's/^. [^ ]* [^ ]* [^ ]* //' "$1" | sort
}

prepare() {
  stage=$1
  undo
  mkdir -p "$journal/new" "$journal/old" "$receipts" || exit 1
  set_state preparing || exit 1
  [ -d "$stage" ] || fail "nothing was staged in $stage: does the install step honour DESTDIR?"
  # o: the files belong to who installs, not to who built; p: modes as staged, not as the umask would have them.
  (cd "$stage" && tar cf - .) | (cd "$journal/new" && tar xopf -) || exit 1
  if [ -n "$(find "$journal/new" -name '*
*' -print)" ]; then
    fail "a staged file has a line break in its name"
  fi
  (cd "$journal/new" && find . -type d -print) | sed -n 's|^\./||p' | sort >"$journal/new.folders"
  list_files "$journal/new" "$journal/files" || exit 1
  paths "$journal/files" >"$journal/new.list"
  if [ -f "$receipts/$name.files" ]; then
    paths "$receipts/$name.files" >"$journal/old.list"
  else
    : >"$journal/old.list"
  fi
  while IFS= read -r path; do
    if is_there "$prefix/$path" && ! is_folder "$prefix/$path"; then printf '%s\n' "$path"; fi
  done <"$journal/new.list" >"$journal/existing"
  comm -13 "$journal/new.list" "$journal/old.list" >"$journal/vanishing"
  check_conflicts
}

# A file of another recipe or of nobody is not ours to replace.
check_conflicts() {
  comm -23 "$journal/existing" "$journal/old.list" >"$journal/foreign"
  while IFS= read -r path; do
    if is_there "$prefix/$path" && [ ! -d "$prefix/$path" ] && ! grep -Fx "$path" "$journal/old.list" >/dev/null; then
      printf '%s\n' "$path"
    fi
  done <"$journal/new.folders" >>"$journal/foreign"
  # A folder gives way to a file only when all that is in it goes.
  while IFS= read -r path; do
    if is_folder "$prefix/$path"; then
      (cd "$prefix" && find "./$path" ! -type d -print) | sed 's|^\./||' | sort | comm -23 - "$journal/old.list"
    fi
  done <"$journal/new.list" >>"$journal/foreign"
  [ -s "$journal/foreign" ] || return 0
  while IFS= read -r path; do
    owner=nobody
    for list in "$receipts"/*.files; do
      [ -f "$list" ] || continue
      if paths "$list" | grep -Fx "$path" >/dev/null; then
        owner=${list##*/}
        owner=${owner%.files}
      fi
    done
    echo "$prefix/$path is there and belongs to $owner" >&2
  done <"$journal/foreign"
  undo
  fail "$name would replace files that are not its own; move them away, or remove them, and run again"
}

switch() {
  set_state switching || exit 1
  # The version before: links to what will be replaced, and what vanishes moved out of the way.
  sort -u "$journal/existing" "$journal/vanishing" | folders_of | while IFS= read -r folder; do
    mkdir -p "$journal/old/$folder" || exit 1
  done || exit 1
  while IFS= read -r path; do
    # A hard link to a symbolic link is not portable: those are moved.
    if [ -h "$prefix/$path" ]; then printf '%s\n' "$path"; fi
  done <"$journal/existing" >"$journal/links"
  {
    comm -23 "$journal/existing" "$journal/links" | commands_by_folder ln "$prefix" "$journal/old"
    while IFS= read -r path; do
      if is_there "$prefix/$path"; then printf '%s\n' "$path"; fi
    done <"$journal/vanishing" | sort - "$journal/links" | commands_by_folder 'mv -f' "$prefix" "$journal/old"
  } >"$journal/commands"
  run_commands "$journal/commands" || return 1
  folders_of <"$journal/vanishing" | sort -r | while IFS= read -r folder; do
    rmdir "$prefix/$folder" 2>/dev/null
  done
  while IFS= read -r folder; do
    if [ ! -d "$prefix/$folder" ]; then
      printf '%s\n' "$folder" >>"$journal/created"
      mkdir -p "$prefix/$folder" || return 1
    fi
  done <"$journal/new.folders"
  commands_by_folder 'mv -f' "$journal/new" "$prefix" <"$journal/new.list" >"$journal/commands"
  run_commands "$journal/commands" || return 1
}

undo() {
  [ -d "$journal" ] || return 0
  if [ "$(cat "$journal/state" 2>/dev/null)" = switching ]; then
    # What the switch brought, and only that: a path that was there before is put back below.
    comm -23 "$journal/new.list" "$journal/existing" | while IFS= read -r path; do
      if is_there "$prefix/$path" && ! is_there "$journal/new/$path"; then rm -f "$prefix/$path" || exit 1; fi
    done || fail "the switch of $name could not be undone; its journal is $journal"
    if [ -f "$journal/created" ]; then
      sort -r "$journal/created" | while IFS= read -r folder; do rmdir "$prefix/$folder" 2>/dev/null; done
    fi
    (cd "$journal/old" && find . ! -type d -print) | sed 's|^\./||' | sort >"$journal/restore"
    folders_of <"$journal/restore" | while IFS= read -r folder; do mkdir -p "$prefix/$folder" || exit 1; done
    commands_by_folder 'mv -f' "$journal/old" "$prefix" <"$journal/restore" >"$journal/commands"
    run_commands "$journal/commands" || fail "the switch of $name could not be undone; its journal is $journal"
  fi
  rm -rf "$journal"
}

# Everything after the state's change can be repeated.
commit() {
  if [ -n "$1" ]; then
    cp "$1" "$journal/receipt" || exit 1
  fi
  set_state committed || exit 1
  finish
}

finish() {
  if [ -f "$journal/files" ]; then mv -f "$journal/files" "$receipts/$name.files" || exit 1; fi
  if [ -f "$journal/receipt" ]; then mv -f "$journal/receipt" "$receipts/$name.json" || exit 1; fi
  rm -rf "$journal"
}

recover() {
  for found in "$1"/var/build-stack/journal/*; do
    [ -d "$found" ] || continue
    component "$1" "${found##*/}"
    state=$(cat "$journal/state" 2>/dev/null)
    echo "an interrupted switch of $name is $([ "$state" = committed ] && echo finished || echo undone)"
    if [ "$state" = committed ]; then finish; else undo; fi
  done
}

verb=$1
shift
case $verb in
install)
  component "$2" "$3"
  prepare "$1"
  if ! switch; then
    undo
    fail "$name could not be put in place; the prefix is as it was"
  fi
  ;;
commit)
  component "$1" "$2"
  commit "$3"
  ;;
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
