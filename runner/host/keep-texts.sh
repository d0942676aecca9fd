#!/bin/sh
# Keeps the texts that an installation was made of (patches, and configuration files as the recipe has them, without
# the values of secrets), so that a later plan can show what differs. Each is named by the checksum that the receipt
# has of it; those of earlier versions stay, for going back.
# Usage: keep-texts.sh PREFIX RECIPE   takes the files in texts/ of this folder
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
kept=$1/var/build-stack/texts/$2
# A configuration can be for its owner only.
umask 077
(umask 022 && mkdir -p "$1/var/build-stack/texts") && mkdir -p "$kept" || exit 1
for text in texts/*; do
  [ -f "$text" ] || continue
  name=${text##*/}
  [ -f "$kept/$name" ] && continue
  cp "$text" "$kept/$name.next" && mv -f "$kept/$name.next" "$kept/$name" || exit 1
done
