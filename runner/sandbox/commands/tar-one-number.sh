#!/bin/sh
# tar where root's number is the only one: the owners in an archive cannot be given to its files, and for root the
# attempt would be an error. The option goes into the environment, since tar's first word may be "xzf". Any POSIX shell.
TAR_OPTIONS="--no-same-owner${TAR_OPTIONS:+ $TAR_OPTIONS}"
export TAR_OPTIONS
exec /usr/lib/sandbox/tar "$@"
