#!/bin/sh
# Puts a configuration file in place without taking an administrator's changes away: a file that he changed stays, and the
# recipe's new one goes beside it as FILE.new.
# Usage: config-file.sh NEW TARGET MODE OWNER GROUP PRISTINE
#   PRISTINE: where the text that was installed last is kept; OWNER and GROUP may be empty
new=$1
target=$2
mode=$3
owner=$4
group=$5
pristine=$6

place() {
  cp "$new" "$1.build-stack" || exit 1
  chmod "$mode" "$1.build-stack" || exit 1
  if [ -n "$owner$group" ]; then
    chown "${owner:-root}${group:+:$group}" "$1.build-stack" || exit 1
  fi
  mv "$1.build-stack" "$1" || exit 1
}

mkdir -p "${target%/*}" "${pristine%/*}" || exit 1
if [ ! -f "$target" ]; then
  place "$target"
elif cmp -s "$new" "$target"; then
  rm -f "$target.new"
elif [ -f "$pristine" ] && cmp -s "$pristine" "$target"; then
  place "$target"
  rm -f "$target.new"
elif [ -f "$pristine" ] && cmp -s "$pristine" "$new"; then
  echo "$target: changed on this host, and kept"
else
  place "$target.new"
  echo "$target: changed on this host, and kept; the recipe's new one is $target.new"
fi
cp "$new" "$pristine.build-stack" && mv "$pristine.build-stack" "$pristine"
