#!/bin/sh
# zonename: the name of the zone that we are in. Any POSIX shell.
exec uname -n
