#!/bin/sh
# Packs what a build staged, for going back on this host and for other hosts: package.tar.gz, with paths relative to the
# prefix, and its checksum in package.tar.gz.sha256, in this folder.
# Usage: pack.sh STAGE   (STAGE mirrors the prefix)
# Reads BUILD_STACK_SHA256. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
rm -f package.tar.gz package.tar.gz.sha256
(cd "$1" && tar cf - .) | gzip -1c >package.tar.gz || exit 1
# A tar that failed half way is not noticed in a pipe: an archive that can be listed to its end is whole.
gzip -dc package.tar.gz | tar tf - >/dev/null || exit 1
# shellcheck disable=SC2086 # several words: "digest -v -a sha256"
$BUILD_STACK_SHA256 package.tar.gz | sed -e 's/^.*= *//' -e 's/ .*//' >package.tar.gz.sha256
