#!/bin/sh
# Whose files are. Changes nothing but a folder of its own in TMPDIR.
# Fed to a POSIX shell on standard input, in this order: assignments, tree.sh, recorded.sh, this file. The assignments:
#   prefix    quick (empty)    asked    paths relative to the prefix, a line each
#   "$@"      RECIPE PRISTINE TARGET of each configuration file that is asked for
# Prints lines, their words divided by tabs; LINE is one of a list of files (see tree.sh):
#   owned COMPONENT LINE         an asked path in that component's list
#   holds COMPONENT COUNT PATH   so many of its files are below that asked folder
#   is LINE                      an asked path that is there, as it is now
#   near PATH                    recorded, with the name of an asked one or in its folder
#   config ...                   as verify.sh has it
# Runs under dash, ksh88, ksh93, busybox sh. Reads BUILD_STACK_SHA256, BUILD_STACK_SHELL.
# shellcheck disable=SC2154,SC2016 # assigned before; awk's own $

find_owners() {
  "$awk" "$path_of"'
    function name_of(path) { sub(/^.*\//, "", path); return path }
    function folder_of(path) { if (!sub(/\/[^\/]*$/, "", path)) path = ""; return path }
    FILENAME == ARGV[1] { asked[$0]; names[name_of($0)]; folders[folder_of($0)]; next }
    {
      tab = index($0, "\t"); component = substr($0, 1, tab - 1); line = substr($0, tab + 1); path = path_of(line)
      if (path in asked) print "owned\t" $0
      if (line ~ /^d /) next
      if (name_of(path) in names || folder_of(path) in folders) print "near\t" path
      for (above = folder_of(path); above != ""; above = folder_of(above)) if (above in asked) holds[component "\t" above]++
    }
    END { for (key in holds) { tab = index(key, "\t"); print "holds\t" substr(key, 1, tab) holds[key] substr(key, tab) } }
  ' "$work/asked" "$work/index"
}

owns() {
  printf '\nbuild-stack-owns 1\n'
  list_index
  printf '%s\n' "$asked" | sed '/^$/d' | sort -u >"$work/asked"
  : >"$work/files"
  : >"$work/folders"
  while IFS= read -r path; do
    if is_folder "$prefix/$path"; then
      printf '%s\n' "$path" >>"$work/folders"
    elif is_there "$prefix/$path"; then
      printf '%s\n' "$path" >>"$work/files"
    fi
  done <"$work/asked"
  [ ! -s "$work/index" ] || find_owners
  list_present "$work/asked" | sed 's/^/is	/'
  list_configuration "$@"
  printf 'build-stack-owns end\n'
}

# Nothing that runs here may read the rest of the script.
owns "$@" </dev/null
