#!/bin/sh
# Packs what a build staged, for a rollback on this host and for other hosts.
# Usage: pack.sh STAGE SERVICES PACKAGE   folders that mirror the prefix (SERVICES need not be there); the file to write
# The package is a gzipped tar with root/ and services/, and beside it PACKAGE.sha256 holds its checksum.
# Reads BUILD_STACK_SHA256. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
stage=$1
services=$2
package=$3

rm -rf packing "$package" "$package.sha256"
mkdir packing || exit 1
# A rename where tar would need an option that not every tar has to put files below another name.
mv "$stage" packing/root || exit 1
if [ -d "$services" ]; then
  mv "$services" packing/services || exit 1
fi
(
  cd packing || exit 1
  if [ -d services ]; then tar cf - root services; else tar cf - root; fi
) | gzip -1c >"$package"
code=$?
mv packing/root "$stage" || exit 1
if [ -d packing/services ]; then
  mv packing/services "$services" || exit 1
fi
rmdir packing
[ $code -eq 0 ] || exit $code
# A tar that failed half way is not noticed in a pipe: a gzipped tar that can be listed to its end is whole.
gzip -dc "$package" | tar tf - >/dev/null || exit 1
# shellcheck disable=SC2086 # several words: "digest -v -a sha256"
$BUILD_STACK_SHA256 "$package" | sed -e 's/^.*= *//' -e 's/ .*//' >"$package.sha256"
