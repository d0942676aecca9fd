#!/bin/sh
# pkg-get -c [NAME...] | [-f] install|remove NAME...: packages out of /var/pkg-get/catalog, recorded for pkginfo.
# Runs under any POSIX shell. A catalogue entry is a folder NAME with a file pkginfo (lines PKG=, NAME=, VERSION=,
# ARCH=, CATEGORY=, BASEDIR=, DEPEND= with names) and a folder root that is copied to /.
catalogue=/var/pkg-get/catalog
installed=/var/sadm/pkg

value() { sed -n "s/^$2=//p" "$1"; }

usage() {
  echo 'usage: pkg-get -c [name ...] | [-f] install name ... | [-f] remove name ...' >&2
  exit 1
}

compare() {
  printf '%20s %20s %20s\n' software localrev remoterev
  [ $# -gt 0 ] || { cd "$catalogue" && set -- * && [ "$1" != '*' ] || return 0; }
  for name do
    entry=$catalogue/$name/pkginfo
    [ -f "$entry" ] || { printf '%20s: not found in catalog\n' "$name" >&2 && continue; }
    remote=$(value "$entry" VERSION) record=$installed/$(value "$entry" PKG)/pkginfo
    local='[Not installed]'
    [ ! -f "$record" ] || local=$(value "$record" VERSION)
    [ "$local" != "$remote" ] || remote=SAME
    printf '%20s %20s %20s\n' "$name" "$local" "$remote"
  done
}

require_root() {
  [ "$(id -u)" -eq 0 ] || { echo 'ERROR: you must be root to do this' >&2 && exit 1; }
}

# The body in parentheses keeps the names of this level from those of the dependencies.
install_package() (
  name=$1 entry=$catalogue/$1/pkginfo
  if [ ! -f "$entry" ]; then
    printf 'ERROR: could not find %s in catalog\n' "$name" >&2
    exit 1
  fi
  package=$(value "$entry" PKG)
  if [ -f "$installed/$package/pkginfo" ] &&
    [ "$(value "$installed/$package/pkginfo" VERSION)" = "$(value "$entry" VERSION)" ]; then
    printf 'No worries... you already have version %s of %s\n' "$(value "$entry" VERSION)" "$name"
    exit 0
  fi
  for needed in $(value "$entry" DEPEND); do
    install_package "$needed" || exit 1
  done
  mkdir -p "$installed/$package" || exit 1
  : >"$installed/$package/contents"
  if [ -d "$catalogue/$name/root" ]; then
    (cd "$catalogue/$name/root" && tar cf - .) | (cd / && tar xpf -) || exit 1
    (cd "$catalogue/$name/root" && find . ! -type d) | sed 's/^\.//' >"$installed/$package/contents"
  fi
  cp "$entry" "$installed/$package/pkginfo" || exit 1
  printf '\nInstallation of <%s> was successful.\n' "$package"
)

remove_package() {
  package=$(value "$catalogue/$1/pkginfo" PKG 2>/dev/null)
  record=$installed/${package:-$1}
  if [ ! -d "$record" ]; then
    printf 'ERROR: %s is not installed\n' "$1" >&2
    return 1
  fi
  while IFS= read -r file; do rm -f "$file"; done <"$record/contents"
  rm -rf "$record"
  printf '\nRemoval of <%s> was successful.\n' "${record##*/}"
}

[ "${1-}" != -f ] || shift
action=${1-}
[ $# -eq 0 ] || shift
case $action in
  -c) compare "$@" ;;
  -U) exit 0 ;;
  -i | install | -u | upgrade)
    [ $# -gt 0 ] || usage
    require_root
    for wanted do install_package "$wanted" || exit 1; done
    ;;
  -r | remove)
    [ $# -gt 0 ] || usage
    require_root
    for wanted do remove_package "$wanted" || exit 1; done
    ;;
  *) usage ;;
esac
