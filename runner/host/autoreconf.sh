#!/bin/sh
# Makes configure out of configure.ac, and runs it. In the source's folder.
# Usage: autoreconf.sh ARGUMENT-OF-CONFIGURE...
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
autoreconf -fi || exit $?
exec ./configure "$@"
