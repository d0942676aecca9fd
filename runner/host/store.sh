#!/bin/sh
# The packages that a host keeps, so that going back is a matter of seconds. Only what was installed and came up gets in.
# Usage: store.sh add PREFIX RECIPE NAME KEEP [FOLDER]   takes package.tar.gz and its checksum from FOLDER (this one
#                                               without) and package.dated from this one as NAME, and drops the oldest
#                                               beyond KEEP of this recipe
#        store.sh unpack PREFIX NAME FOLDER     checks it against its checksum and unpacks it
#        store.sh used PREFIX NAME              it is the newest again, and package.json is what is installed of it now
#        store.sh drop PREFIX NAME
# A package is PREFIX/var/build-stack/packages/NAME.tar.gz with NAME.sha256 and NAME.json.
# Reads BUILD_STACK_SHA256. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
verb=$1
store=$2/var/build-stack/packages

fail() {
  echo "$*" >&2
  exit 1
}

take() {
  cp "$1" "$store/$2.next" && mv -f "$store/$2.next" "$store/$2" || exit 1
}

drop() {
  # Without its .json it is not there any more.
  rm -f "$store/$1.json" "$store/$1.tar.gz" "$store/$1.sha256"
}

case $verb in
add)
  recipe=$3
  name=$4
  keep=$5
  made=${6:-.}
  mkdir -p "$store" || exit 1
  take "$made/package.tar.gz" "$name.tar.gz"
  take "$made/package.tar.gz.sha256" "$name.sha256"
  take package.dated "$name.json"
  count=0
  # shellcheck disable=SC2012 # newest first; the names are ours: no blanks, no line breaks
  ls -t "$store" | sed -n 's/\.json$//p' | while read -r found; do
    grep "^{\"format\":[0-9]*,\"recipe\":\"$recipe\"," "$store/$found.json" >/dev/null || continue
    count=$((count + 1))
    [ $count -le "$keep" ] || [ "$found" = "$name" ] || drop "$found"
  done
  ;;
unpack)
  name=$3
  folder=$4
  [ -f "$store/$name.tar.gz" ] || fail "the package $name is not on this host any more"
  # shellcheck disable=SC2086 # several words: "digest -v -a sha256"
  found=$($BUILD_STACK_SHA256 "$store/$name.tar.gz" | sed -e 's/^.*= *//' -e 's/ .*//')
  if [ "$found" != "$(cat "$store/$name.sha256")" ]; then
    fail "the package $name is not what it was when it was made: it is damaged, or somebody changed it"
  fi
  rm -rf "$folder"
  mkdir -p "$folder" || exit 1
  gzip -dc "$store/$name.tar.gz" | (cd "$folder" && tar xopf -)
  ;;
used)
  if [ -f "$store/$3.json" ]; then take package.dated "$3.json"; fi
  ;;
drop) drop "$3" ;;
*) fail "store.sh: unknown verb $verb" ;;
esac
