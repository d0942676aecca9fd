#!/bin/sh
# Checks an archive against its checksum and unpacks it into a folder.
# Usage: unpack.sh ARCHIVE SHA256 FOLDER
# Reads BUILD_STACK_SHA256: the words of the host's command that prints a checksum.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
archive=$1
wanted=$2
folder=$3

# sha256sum prints "HEX  NAME", digest and openssl "... = HEX".
# shellcheck disable=SC2086 # several words: "digest -v -a sha256"
found=$($BUILD_STACK_SHA256 "$archive" |
  sed -n -e 's/^\\\{0,1\}\([0-9a-f]\{64\}\) .*/\1/p' -e 's/^.*= *\([0-9a-f]\{64\}\)$/\1/p')
if [ "$found" != "$wanted" ]; then
  echo "$archive: its checksum is ${found:-not to be had}, not $wanted: it changed on its way to this host" >&2
  exit 1
fi
rm -rf "$folder"
mkdir -p "$folder" || exit 1
case $archive in
*.tar.gz | *.tgz) unpacker=gzip ;;
*.tar.bz2 | *.tbz2) unpacker=bzip2 ;;
*.tar.xz | *.txz) unpacker=xz ;;
*) unpacker= ;;
esac
# o: the files become ours, whoever packed them.
if [ -n "$unpacker" ]; then
  "$unpacker" -dc "$archive" | (cd "$folder" && tar xof -)
else
  (cd "$folder" && tar xof -) <"$archive"
fi
