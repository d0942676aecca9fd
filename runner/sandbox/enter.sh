#!/bin/sh
# The second half of mounts.sh: leaves the machine's file system behind, in a mount namespace of the world's own that
# the server enters with nsenter. Runs under any POSIX shell in the world's root folder.
set -eu
pivot_root . mnt
cd /
umount -l /mnt
echo ready
exec sleep 2147483647 >/dev/null 2>&1
