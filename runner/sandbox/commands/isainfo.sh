#!/bin/sh
# isainfo [-b|-k|-n|-v]: the instruction sets of this machine under their Solaris names. Any POSIX shell.
case $(uname -m) in
  x86_64) native=amd64 all='amd64 i386' bits=64 ;;
  i?86) native=i386 all=i386 bits=32 ;;
  *) native=$(uname -m) all=$native bits=$(getconf LONG_BIT) ;;
esac
case $#${1-} in
  0) echo "$all" ;;
  1-b) echo "$bits" ;;
  1-k | 1-n) echo "$native" ;;
  1-v) for set in $all; do
    case $set in
      i386) printf '32-bit %s applications\n' "$set" ;;
      *) printf '%s-bit %s applications\n' "$bits" "$set" ;;
    esac
  done ;;
  *)
    echo 'usage: isainfo [-v | -b | -k | -n]' >&2
    exit 1
    ;;
esac
