#!/bin/sh
# Takes files that somebody installed by hand into the records, as if a build had put them there. Changes none of them.
# Usage: adopt.sh collect PREFIX COMPONENT STAGE    copies them to STAGE, which mirrors the prefix. Their paths, relative to
#                                                   the prefix, are in the file paths of this folder; or patterns has
#                                                   patterns for them: a folder's name stands for all that is in it
#        adopt.sh record PREFIX COMPONENT STAGE RECEIPT   writes the receipt and the list of files
# collect leaves adopted.list in this folder. Files of other components are never taken: paths that name one are refused,
# patterns pass over it. Reads BUILD_STACK_SHA256, BUILD_STACK_SHELL.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC1091,SC2154 # beside this file
. "${0%/*}/tree.sh"
verb=$1
prefix=$2
component=$3
stage=$4
receipts=$prefix/var/build-stack/receipts

fail() {
  echo "$*" >&2
  exit 1
}

# Of the files and links under the prefix.
all_files() {
  (cd "$prefix" && find . ! -type d -print) | sed 's|^\./||' | grep -v '^var/build-stack/' | sort
}

others() {
  for list in "$receipts"/*.files; do
    if [ -f "$list" ] && [ "$list" != "$receipts/$component.files" ]; then paths "$list"; fi
  done | sort -u
}

matching() {
  while IFS= read -r path; do
    while IFS= read -r pattern; do
      # shellcheck disable=SC2254 # it is a pattern
      case $path in
      $pattern | $pattern/*)
        printf '%s\n' "$path"
        break
        ;;
      esac
    done <patterns
  done
}

collect() {
  others >others.list || exit 1
  if [ -f paths ]; then
    sort -u paths >adopted.list || exit 1
    while IFS= read -r path; do
      if is_folder "$prefix/$path"; then
        echo "$prefix/$path is a folder: name its files"
      elif ! is_there "$prefix/$path"; then
        echo "$prefix/$path is not there"
      fi
    done <adopted.list >refused.list
    comm -12 others.list adopted.list | sed "s|.*|& belongs to another recipe|" >>refused.list
    if [ -s refused.list ]; then
      sed 20q refused.list >&2
      fail "not every file of the list can be taken over"
    fi
  else
    all_files | comm -23 - others.list | matching >adopted.list || exit 1
  fi
  [ -s adopted.list ] || fail "no file under $prefix fits"
  rm -rf "$stage"
  mkdir -p "$stage" || exit 1
  stage=$(cd "$stage" && pwd)
  copy_files "$prefix" "$stage" <adopted.list || fail "the files could not be copied to $stage"
  echo "$(($(wc -l <adopted.list))) files are taken over"
}

# A folder is the component's when it holds nothing else's. The receipt comes last: with it the component is there.
record() {
  mkdir -p "$receipts" || exit 1
  if ! sums_of "$stage" >adopted.files.sums || ! list_files "$stage" "$(pwd)/adopted.files"; then
    fail "the files in $stage could not be listed"
  fi
  all_files | comm -23 - adopted.list | folders_of >shared.folders
  folders_of <adopted.list | comm -23 - shared.folders | commands 'ls -ldn' "$prefix" | run_commands |
    octal_modes | sed 's/^\([0-7]*\) /d \1 - - /' >>adopted.files || exit 1
  cp adopted.files "$receipts/$component.files.next" && cp "$1" "$receipts/$component.json.next" &&
    mv -f "$receipts/$component.files.next" "$receipts/$component.files" &&
    mv -f "$receipts/$component.json.next" "$receipts/$component.json"
}

case $verb in
collect) collect ;;
record) record "$5" ;;
*) fail "adopt.sh: unknown verb $verb" ;;
esac
