#!/bin/sh
# Has the host's own package manager install a package, unless it is there, and notes the version that is there afterwards.
# Usage: package.sh MANAGER NAME   (MANAGER: pkg-get, pkgutil, pkgin, ips or apt)
# Writes package.version in this folder. Asks nothing: what would need an answer fails.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
manager=$1
name=$2
exec </dev/null

# Nothing when it is not installed.
version() {
  case $manager in
  # Columns: software, the version here, the version there. The same version is shown as SAME, in the last column.
  pkg-get) pkg-get -c "$name" 2>/dev/null | awk -v name="$name" '$1 == name && $2 !~ /^\[/ { print $2 }' ;;
  pkgutil) pkgutil -c --single "$name" 2>/dev/null | awk '$2 ~ /^[0-9]/ { version = $2 } END { if (version) print version }' ;;
  # NAME-VERSION;COMMENT, and names can have dashes.
  pkgin) pkgin -p list 2>/dev/null | sed -n 's/;.*$//p' | awk -v name="$name" '{
      package = $0; sub(/-[^-]*$/, "", package)
      if (package == name) print substr($0, length(name) + 2)
    }' ;;
  ips) pkg list -H "$name" 2>/dev/null | awk 'NF > 2 { print $(NF - 1); exit }' ;;
  apt) dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' "$name" 2>/dev/null | sed -n 's/^ii *//p' ;;
  *)
    echo "package.sh knows no package manager of the name \"$manager\"" >&2
    exit 1
    ;;
  esac
}

install() {
  case $manager in
  # It shows licences through a pager, which would wait for a key.
  pkg-get) PAGER='cat' pkg-get -f install "$name" ;;
  pkgutil) pkgutil -y -i "$name" ;;
  pkgin) pkgin -y install "$name" ;;
  ips)
    pkg install -q --accept "$name"
    code=$?
    # 4: there was nothing to do.
    [ $code -eq 4 ] || return $code
    ;;
  apt) DEBIAN_FRONTEND=noninteractive apt-get -q -y install "$name" ;;
  esac
}

found=$(version) || exit 1
if [ -n "$found" ]; then
  echo "$name $found is installed already"
else
  install || {
    code=$?
    echo "$manager could not install $name (exit code $code)" >&2
    exit 1
  }
  found=$(version)
  if [ -z "$found" ]; then
    echo "$manager says that it has installed $name, but does not list it" >&2
    exit 1
  fi
  echo "installed $name $found"
fi
# It goes into a receipt, which is JSON written with sed.
printf '%s\n' "$found" | sed -e 's/[^A-Za-z0-9._,:=+~-]/_/g' -e 1q >package.version
