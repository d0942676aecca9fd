#!/bin/sh
# The packages that a host keeps, so that going back is a matter of seconds. Only what was installed and came up gets in.
# Usage: store.sh add PREFIX RECIPE NAME KEEP   takes package.tar.gz, its checksum and package.json from this folder as
#                                               NAME, and drops the oldest beyond KEEP of this recipe
#        store.sh check PREFIX NAME             exit 1 unless the package is there and is what its checksum says
#        store.sh drop PREFIX NAME              removes one
# A package is PREFIX/var/build-stack/packages/NAME.tar.gz with NAME.sha256 and NAME.json.
# Reads BUILD_STACK_SHA256. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
verb=$1
store=$2/var/build-stack/packages

sum_of() {
  # shellcheck disable=SC2086 # several words: "digest -v -a sha256"
  $BUILD_STACK_SHA256 "$1" | sed -e 's/^.*= *//' -e 's/ .*//'
}

drop() {
  rm -f "$store/$1.json" "$store/$1.tar.gz" "$store/$1.sha256"
}

case $verb in
add)
  recipe=$3
  name=$4
  keep=$5
  mkdir -p "$store" || exit 1
  # The .json comes last: with it the package is there.
  cp package.tar.gz "$store/$name.tar.gz.next" && mv -f "$store/$name.tar.gz.next" "$store/$name.tar.gz" || exit 1
  cp package.tar.gz.sha256 "$store/$name.sha256" || exit 1
  cp package.json "$store/$name.json.next" && mv -f "$store/$name.json.next" "$store/$name.json" || exit 1
  printf '%s\n' "$name" >"$store/$recipe.current"
  count=0
  # Newest first; a name is RECIPE-VERSION-FINGERPRINT, and the .json says whose it is.
  # shellcheck disable=SC2012 # names are ours: no blanks, no line breaks
  ls -t "$store" | sed -n 's/\.json$//p' | while read -r found; do
    grep "\"recipe\":\"$recipe\"" "$store/$found.json" >/dev/null || continue
    count=$((count + 1))
    [ $count -le "$keep" ] || [ "$found" = "$name" ] || drop "$found"
  done
  ;;
check)
  [ -f "$store/$3.tar.gz" ] || {
    echo "the package $3 is not on this host any more" >&2
    exit 1
  }
  if [ "$(sum_of "$store/$3.tar.gz")" != "$(cat "$store/$3.sha256")" ]; then
    echo "the package $3 is not what it was when it was made: it is damaged, or somebody changed it" >&2
    exit 1
  fi
  ;;
drop) drop "$3" ;;
*)
  echo "store.sh: unknown verb $verb" >&2
  exit 1
  ;;
esac
