#!/bin/sh
# Puts a configuration file in place without taking an administrator's changes away: a file that he changed, or made a
# link, stays, and the recipe's new one goes beside it as FILE.new.
# Usage: config-file.sh install|undo|record|drop NEW TARGET MODE OWNER GROUP PRISTINE
#   record: what is there is the administrator's, whatever it is; only NEW is noted as what the recipe has
#   drop: the recipe has the file no more. It goes unless the administrator changed it; NEW need not be there, nor MODE
#   PRISTINE: where the text that was installed last is kept; OWNER and GROUP may be empty
# What was there before is kept beside NEW as NEW.before-*, for the undo.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
verb=$1
new=$2
target=$3
mode=$4
owner=$5
group=$6
pristine=$7
# Copies are nobody else's to read, whatever the file's mode will be: a configuration can have a password in it.
umask 077

keep() {
  if [ -h "$1" ] || [ ! -f "$1" ]; then
    : >"$new.before-$2.none" || exit 1
  else
    cp -p "$1" "$new.before-$2" || exit 1
  fi
}

bring_back() {
  if [ -f "$new.before-$2" ]; then
    (umask 022 && mkdir -p "${1%/*}")
    cp -p "$new.before-$2" "$1.build-stack" && mv -f "$1.build-stack" "$1"
  elif [ -f "$new.before-$2.none" ] && [ ! -h "$1" ]; then
    rm -f "$1"
  fi
}

permit() {
  if [ -n "$owner" ]; then chown "$owner" "$1" || exit 1; fi
  if [ -n "$group" ]; then chgrp "$group" "$1" || exit 1; fi
  chmod "$mode" "$1" || exit 1
}

place() {
  cp "$new" "$1.build-stack" || exit 1
  permit "$1.build-stack"
  mv -f "$1.build-stack" "$1" || exit 1
}

# The folders of the target of which "$1 FOLDER" is true, the innermost first.
folders_that() {
  folder=${target%/*}
  while [ -n "$folder" ]; do
    if "$1" "$folder"; then printf '%s\n' "$folder"; fi
    folder=${folder%/*}
  done
}

is_missing() {
  [ ! -d "$1" ]
}

# With the last file below it: also one that was made for another file, whose recipe may have gone or dropped it by then.
goes_again() {
  is_missing "$1" || grep -Fx "$1" "${pristine%/*/*}"/*/*.folders >/dev/null 2>&1
}

# The folders of a list, the innermost first. One that is not empty stays.
remove_folders() {
  while IFS= read -r folder; do rmdir "$folder" 2>/dev/null; done <"$1"
}

if [ "$verb" = undo ]; then
  bring_back "$target" target
  bring_back "$target.new" new
  bring_back "$pristine" pristine
  if [ -f "$new.before-path" ]; then
    bring_back "$pristine.path" path
    bring_back "$pristine.folders" made
  fi
  if [ -f "$new.before-folders" ]; then
    remove_folders "$new.before-folders"
    [ -f "$pristine" ] || rm -f "$pristine.path" "$pristine.folders"
  fi
  exit 0
fi

note() {
  printf '%s\n' "$target" >"$pristine.path" || exit 1
  cp "$new" "$pristine.build-stack" && mv -f "$pristine.build-stack" "$pristine"
}

if [ "$verb" = record ]; then
  (umask 022 && mkdir -p "${pristine%/*}") || exit 1
  note
  exit
fi

if [ "$verb" = drop ]; then
  [ -f "$pristine" ] || exit 0
  mkdir -p "${new%/*}" || exit 1
  keep "$target" target
  keep "$target.new" new
  keep "$pristine" pristine
  keep "$pristine.path" path
  keep "$pristine.folders" made
  # Nobody merged it, and there is nothing to merge any more.
  if cmp -s "$pristine" "$target.new"; then rm -f "$target.new"; fi
  if [ ! -h "$target" ] && cmp -s "$pristine" "$target"; then
    rm -f "$target" || exit 1
  elif [ -f "$target" ] || [ -h "$target" ]; then
    echo "$target: changed on this host, and kept; the recipe has it no more"
  fi
  if [ -f "$pristine.folders" ]; then remove_folders "$pristine.folders"; fi
  rm -f "$pristine" "$pristine.path" "$pristine.folders"
  exit
fi

if [ -d "$target" ]; then
  echo "$target is a folder; the recipe has a file there" >&2
  exit 1
fi
folders_that is_missing >"$new.before-folders" || exit 1
folders_that goes_again >"$new.folders" || exit 1
(umask 022 && mkdir -p "${target%/*}" "${pristine%/*}") || exit 1
# They go again with the recipe, when nothing else is in them: see forget.sh.
if [ -s "$new.folders" ]; then
  cp "$new.folders" "$pristine.folders" || exit 1
fi
keep "$target" target
keep "$target.new" new
keep "$pristine" pristine
if [ ! -f "$target" ] && [ ! -h "$target" ]; then
  place "$target"
elif cmp -s "$new" "$target"; then
  permit "$target"
  rm -f "$target.new"
elif [ -f "$pristine" ] && [ ! -h "$target" ] && cmp -s "$pristine" "$target"; then
  place "$target"
  rm -f "$target.new"
elif [ -f "$pristine" ] && cmp -s "$pristine" "$new"; then
  echo "$target: changed on this host, and kept"
else
  place "$target.new"
  echo "$target: changed on this host, and kept; the recipe's new one is $target.new"
fi
note
