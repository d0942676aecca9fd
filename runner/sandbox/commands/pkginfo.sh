#!/bin/sh
# pkginfo [-q] [-l|-x] [PACKAGE...]: what /var/sadm/pkg/PACKAGE/pkginfo says (lines NAME=value). Any POSIX shell.
# Exit status 1 when a package that was asked for is not installed.
database=/var/sadm/pkg
quiet='' format=short
while getopts :qlx option; do
  case $option in
    q) quiet=yes ;;
    l) format=long ;;
    x) format=extracted ;;
    *)
      echo 'usage: pkginfo [-q] [-l|-x] [pkginst ...]' >&2
      exit 1
      ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { cd "$database" && set -- * && cd / && [ "$1" != '*' ] || exit 0; }

status=0
for package do
  file=$database/$package/pkginfo
  if [ ! -f "$file" ]; then
    [ -n "$quiet" ] || printf 'ERROR: information for "%s" was not found\n' "$package" >&2
    status=1
    continue
  fi
  [ -z "$quiet" ] || continue
  value() { sed -n "s/^$1=//p" "$file"; }
  case $format in
    short) printf '%-11s %-20s %s\n' "$(value CATEGORY)" "$package" "$(value NAME)" ;;
    extracted)
      printf '%-28s %s\n' "$package" "$(value NAME)"
      printf '%-28s (%s) %s\n' '' "$(value ARCH)" "$(value VERSION)"
      ;;
    long)
      printf '%11s:  %s\n' PKGINST "$package" NAME "$(value NAME)" CATEGORY "$(value CATEGORY)" \
        ARCH "$(value ARCH)" VERSION "$(value VERSION)" BASEDIR "$(value BASEDIR)" STATUS 'completely installed'
      echo
      ;;
  esac
done
exit "$status"
