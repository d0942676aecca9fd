#!/bin/sh
# Removes the configuration files of a removed recipe as far as nobody changed them, and what was recorded of them.
# Usage: forget.sh PREFIX RECIPE
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
config=$1/var/build-stack/config/$2

# config-file.sh keeps the text that was installed as NAME, and where it was installed in NAME.path.
for record in "$config"/*.path; do
  [ -f "$record" ] || continue
  target=$(cat "$record")
  if cmp -s "${record%.path}" "$target"; then
    rm -f "$target" "$target.new"
  elif [ -f "$target" ]; then
    echo "$target: changed on this host, and kept"
  fi
done
# Folders that were made for them, the innermost first. One that is not empty stays.
cat "$config"/*.folders 2>/dev/null | sort -r | while IFS= read -r folder; do rmdir "$folder" 2>/dev/null; done
rm -rf "$config" "$1/var/build-stack/texts/$2"
