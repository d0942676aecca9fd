#!/bin/sh
# What the lists of installed files record, and how those files are now. Used by verify.sh and owns.sh, which it is fed in
# front of, after tree.sh. Before it:
#   prefix, quick ("yes": contents are not read)
# The lists that they make are in the folder $work, which is gone at the end.
# Runs under dash, ksh88, ksh93, busybox sh. Reads BUILD_STACK_SHA256, BUILD_STACK_SHELL.
# shellcheck disable=SC2154,SC2016,SC2034 # set and used by others; awk's own $

# Not in a function: ksh88 would take the folder away at its end.
work=${TMPDIR:-/tmp}/build-stack-look.$$
umask 077
mkdir "$work" || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# "COMPONENT TAB LINE" of all lists to $work/index; prints how many lines each list has, and how many that are none.
list_index() {
  : >"$work/index"
  [ -n "$(ls "$prefix"/var/build-stack/receipts/*.files 2>/dev/null)" ] || return 0
  quick=$quick "$awk" '
    function component_of(file) { sub(/^.*\//, "", file); sub(/\.files$/, "", file); return file }
    BEGIN { for (n = 2; n < ARGC; n++) seen[component_of(ARGV[n])] }
    FNR == 1 { component = component_of(FILENAME) }
    !/^[fld] [^ ]+ [^ ]+ [^ ]+ ./ { bad[component]++; next }
    {
      count[component]++
      if (ENVIRON["quick"] == "yes" && $1 == "f") $0 = $1 " " $2 " " $3 " - " substr($0, length($1 $2 $3 $4) + 5)
      print component "\t" $0 >INDEX
    }
    END { for (name in seen) print "list\t" name "\t" count[name] + 0 "\t" bad[name] + 0 }' INDEX="$work/index" \
    "$prefix"/var/build-stack/receipts/*.files
}

# awk's function: the path of a line of a list.
path_of='
  function path_of(line,  path) {
    path = line
    sub(/^. [^ ]* [^ ]* [^ ]* /, "", path)
    if (substr(line, 1, 2) == "l ") { split(line, word, " "); path = substr(path, 1, length(path) - word[3] - 4) }
    return path
  }'

# Of the paths in $1: as they are now, as a list of files. Reads $work/files and $work/folders: what is there. Prints no
# failures: what cannot be read is found by its lack.
list_present() {
  comm -12 "$1" "$work/files" | commands 'ls -ldn' "$prefix" '2>/dev/null' | run_commands >"$work/modes"
  if [ "$quick" = yes ]; then
    : >"$work/sums"
  else
    "$awk" '/^-/ { print substr($0, index($0, " ./") + 3) }' "$work/modes" |
      commands "$BUILD_STACK_SHA256" "$prefix" '2>/dev/null' | run_commands >"$work/sums"
  fi
  file_lines "$work/sums" "$work/modes"
  comm -12 "$1" "$work/folders" | commands 'ls -ldn' "$prefix" '2>/dev/null' | run_commands | octal_modes |
    sed 's/^\([0-7]*\) /d \1 - - /'
}

# same, changed, link, missing, folder, unreadable, or unknown. $1: the text that was installed; $2: the file.
config_state() {
  if [ -h "$2" ]; then
    echo link
  elif [ -d "$2" ]; then
    echo folder
  elif [ ! -f "$2" ]; then
    echo missing
  elif [ ! -r "$2" ]; then
    echo unreadable
  elif [ ! -f "$1" ] || [ ! -r "$1" ]; then
    echo unknown
  elif cmp -s "$1" "$2"; then
    echo same
  else
    echo changed
  fi
}

# "config RECIPE STATE new|- PATH" for each three of "RECIPE PRISTINE TARGET".
list_configuration() {
  while [ $# -ge 3 ]; do
    new=-
    [ ! -f "$3.new" ] || new=new
    printf 'config\t%s\t%s\t%s\t%s\n' "$1" "$(config_state "$2" "$3")" $new "$3"
    shift 3
  done
}
