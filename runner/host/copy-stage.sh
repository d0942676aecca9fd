#!/bin/sh
# Copies files and folders of the source to the stage. A folder's content goes into the folder of that name.
# Usage: copy-stage.sh STAGE FROM TO [FROM TO]...   (FROM: below this folder; TO: below STAGE)
# Runs in the source's folder, under POSIX shells: dash, ksh88, ksh93, busybox sh.
stage=$1
shift
while [ $# -ge 2 ]; do
  if [ -d "$1" ]; then
    mkdir -p "$stage/$2" && cp -R "$1/." "$stage/$2" || exit 1
  elif [ -f "$1" ]; then
    target=$stage/$2
    mkdir -p "${target%/*}" && cp "$1" "$target" || exit 1
  else
    echo "$1: no such file or folder in the archive ($(pwd))" >&2
    exit 1
  fi
  shift 2
done
