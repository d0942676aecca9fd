#!/bin/sh
# What is not as the lists of installed files record it: files that are gone, or have another type, size, mode, target or
# content. Fed to the probe's shell behind probe.sh, whose variables and functions it uses.
# The content is read only of files that were written to since their list was. Not looked at: what lies below var/, and
# Python's bytecode, which programs write.
# Runs under every shell from the Bourne shell of 1989 on; one process for some hundred files.
# Prints a line each, with tabs between: damage COMPONENT WHAT PATH
#   WHAT: missing, type, size, mode, target, content; configuration for a configuration file that is not there
# shellcheck disable=SC2006,SC2154,SC2016 # probe.sh's; awk's own $
QUOTING_STYLE=literal; export QUOTING_STYLE
tool='awk'
find_tool nawk
awk=$tool
if find_tool sha256sum; then
  sums=$tool
elif find_tool digest; then
  sums="$tool -v -a sha256"
else
  sums='openssl dgst -sha256'
fi
# awk's functions: the path of a line of a list, and whether its file is looked at.
recorded='
  function path_of(line,  path, word) {
    path = line
    sub(/^. [^ ]* [^ ]* [^ ]* /, "", path)
    if (substr(line, 1, 2) == "l ") { split(line, word, " "); path = substr(path, 1, length(path) - word[3] - 4) }
    return path
  }
  function is_ours(line) {
    return line ~ /^[fld] [^ ]+ [^ ]+ [^ ]+ ./ && path_of(line) !~ /^var\/|(^|\/)__pycache__(\/|$)|\.py[co]$/
  }'

# Prints what looks at the files of the lists: "ls" for all of them, "find" for those that were written to.
looks() {
  "$awk" "$recorded"'
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    function flush() {
      if (all) print "ls -ldn" all
      if (files) print "find" files " -prune -type f -newer " quoted(list) " -print"
      all = files = ""; count = 0
    }
    FNR == 1 { flush(); list = FILENAME }
    is_ours($0) {
      name = " " quoted("./" path_of($0))
      all = all name
      if ($1 == "f") files = files name
      if (++count == 500) flush()
    }
    END { flush() }' "$@"
}

# The lists against what those printed; at most 200 of a component. A file that was written to has its checksum to compare.
differing() {
  "$awk" "$recorded"'
    BEGIN { OFS = "\t" }
    function tell(path, what) { if (told[owner[path]]++ < 200) print owner[path], what, path }
    FILENAME ~ /\.files$/ {
      if (FNR == 1) { component = FILENAME; sub(/^.*\//, "", component); sub(/\.files$/, "", component) }
      if (!is_ours($0)) next
      path = path_of($0)
      if (!(path in was)) order[++count] = path
      was[path] = $0; owner[path] = component
      next
    }
    /^\.\// { newer[substr($0, 3)]; next }
    {
      type = substr($1, 1, 1); if (type == "-") type = "f"
      rest = substr($0, index($0, " ./") + 3)
      path = type == "l" ? substr(rest, 1, length(rest) - $5 - 4) : rest
      is[path] = type; mode[path] = $1; size[path] = $5; whole[path] = rest
    }
    END {
      for (n = 1; n <= count; n++) {
        path = order[n]; split(was[path], old, " ")
        if (!(path in is)) tell(path, "missing")
        else if (is[path] != old[1]) tell(path, "type")
        else if (old[1] == "l") {
          if (index(was[path], " - " whole[path]) == 0) tell(path, "target")
        } else if (old[1] == "f") {
          if (size[path] != old[3]) tell(path, "size")
          else if (mode[path] != old[2]) tell(path, "mode")
          else if (path in newer) tell(path, "newer:" old[4])
        }
      }
    }' "$@" -
}

# What a user may not look into is not known to be gone.
is_gone() {
  if [ -f "$1" ] || [ -h "$1" ] || [ -d "$1" ]; then return 1; fi
  case "`ls -ld "$1" 2>&1 >/dev/null`" in
  '' | *denied*) return 1 ;;
  esac
  return 0
}

tab='	'
set -- "$prefix"/var/build-stack/receipts/*.files
if [ -f "$1" ]; then
  looks "$@" | (cd "$prefix" && "$shell" -s) 2>/dev/null | differing "$@" | sed 's/\\/\\\\/g' | (
    cd "$prefix" || exit
    IFS=$tab
    # shellcheck disable=SC2162 # the Bourne shell has no -r: sed doubles what read takes away
    while read component what path; do
      IFS=$blanks
      case $what in
      missing)
        if is_gone "./$path"; then say damage "$component$tab$what$tab$path"; fi
        ;;
      newer:*)
        # shellcheck disable=SC2086 # several words
        found=`$sums "./$path" 2>/dev/null </dev/null | sed -e 's/^\\\\//' -e 's/^.*= *//' -e 's/ .*//'`
        if [ -n "$found" ] && [ "newer:$found" != "$what" ]; then
          say damage "$component${tab}content$tab$path"
        fi
        ;;
      *) say damage "$component$tab$what$tab$path" ;;
      esac
      IFS=$tab
    done
  )
fi

for file in "$prefix"/var/build-stack/config/*/*.path; do
  if [ -f "$file" ] && [ -r "$file" ]; then
    target=`cat "$file"`
    if [ -n "$target" ] && is_gone "$target"; then
      folder=`dirname "$file"`
      recipe=`basename "$folder"`
      say damage "$recipe${tab}configuration$tab$target"
    fi
  fi
done
