#!/bin/sh
# Lists of the files in a tree, and commands that handle many files with one process. Sourced by switch.sh.
# A list of paths has one a line, relative to the tree, sorted in the C locale.
# A list of files has, a line each: type (f file, l link, d folder), mode (as ls has it; a folder's is octal), size,
# sha256 and path ("path -> target" of a link), with "-" for what a type does not have.
# Reads BUILD_STACK_SHA256, BUILD_STACK_SHELL.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
LC_ALL=C
export LC_ALL
# Another style would put quotes around names.
QUOTING_STYLE=literal
export QUOTING_STYLE
awk=$(command -v nawk || command -v awk)

is_there() {
  [ -h "$1" ] || [ -e "$1" ]
}

is_folder() {
  [ -d "$1" ] && [ ! -h "$1" ]
}

# Runs the commands that the functions below print.
run_commands() {
  "$BUILD_STACK_SHELL" -s
}

# Prints the paths of standard input that are there in a tree and no folders.
files_in() {
  found_in "$1" '! -type d'
}

# Prints the paths of standard input that are there in folder $1, and such as find's words $2 say, in the same order.
found_in() {
  commands find "$1" "-prune $2 -print 2>/dev/null" | run_commands | sed 's|^\./||'
}

# Prints the paths of standard input where folder $1 has no folder, nor a link to one.
without_folder() {
  while IFS= read -r path; do
    [ -d "$1/$path" ] || printf '%s\n' "$path"
  done
}

# The folders that the paths on standard input lie in, parents first.
# shellcheck disable=SC2016 # awk's own $
folders_of() {
  "$awk" '{ while (match($0, /\/[^\/]*$/)) { $0 = substr($0, 1, RSTART - 1); if (!seen[$0]++) print } }' | sort
}

# The paths of list $2 that do not lie below a path of list $1. The two are not the same file; - is standard input.
# shellcheck disable=SC2016
not_below() {
  "$awk" '
    FILENAME == ARGV[1] { above[$0]; next }
    {
      path = $0
      while (match(path, /\/[^\/]*$/)) { path = substr(path, 1, RSTART - 1); if (path in above) next }
      print
    }' "$1" "$2"
}

# Prints commands that do "$1 PATHS... $3" in folder $2 for the paths on standard input, many at a time. One process
# for many files: one for each would take seconds for a Python. $1 and $3 are words; paths are data and are quoted.
# Without $3, a command that fails ends the others.
# shellcheck disable=SC2016
commands() {
  OPERATION=$1 FROM=$2 AFTER=${3:-"|| exit 1"} "$awk" '
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    function flush() {
      if (names != "") print "cd " quoted(ENVIRON["FROM"]) " && " ENVIRON["OPERATION"] names " " ENVIRON["AFTER"]
      names = ""
    }
    { names = names " " quoted("./" $0); if (length(names) > 20000) flush() }
    END { flush() }'
}

# Prints commands that do "$1 FILES... $3/FOLDER/ $4" in "$2/FOLDER", a folder at a time. $4 as $3 of commands.
# shellcheck disable=SC2016
commands_by_folder() {
  OPERATION=$1 FROM=$2 TO=$3 AFTER=${4:-"|| exit 1"} "$awk" '
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    function flush() {
      to = quoted(ENVIRON["TO"] "/" folder "/")
      if (names != "") print "cd " quoted(ENVIRON["FROM"] "/" folder) " && " ENVIRON["OPERATION"] names " " to " " ENVIRON["AFTER"]
      names = ""
    }
    {
      slash = match($0, /\/[^\/]*$/)
      here = slash ? substr($0, 1, slash - 1) : "."
      if (here != folder || length(names) > 20000) flush()
      folder = here
      names = names " " quoted("./" (slash ? substr($0, slash + 1) : $0))
    }
    END { flush() }'
}

# Prints commands that give folders below $1 their modes. Standard input: lines "MODE PATH", the mode of four digits. Children
# come first, so that no folder is closed before what is in it is done. A new folder has the set-group-ID bit of the one that
# it is in; chmod of Solaris, and GNU's where it would take it away, change that bit of a folder by its letter alone.
# shellcheck disable=SC2016
mode_commands() {
  sort -k 2 -r | FROM=$1 "$awk" '
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    function flush() {
      letter = substr(mode, 1, 1) ~ /[2367]/ ? "g+s" : "g-s"
      if (count) printf "cd %s && chmod %s%s && chmod %s%s || exit 1\n", quoted(ENVIRON["FROM"]), mode, names, letter, names
      names = ""; count = 0
    }
    {
      if ($1 != mode || count == 200) flush()
      mode = $1
      names = names " " quoted("./" substr($0, index($0, " ") + 1)); count++
    }
    END { flush() }'
}

# "MODE PATH", the mode octal, of each folder that ls -ld printed on standard input.
# shellcheck disable=SC2016
octal_modes() {
  "$awk" '
    function digit(at,  part, value) {
      part = substr($1, at, 3)
      value = (substr(part, 1, 1) == "r" ? 4 : 0) + (substr(part, 2, 1) == "w" ? 2 : 0)
      return value + (substr(part, 3, 1) ~ /[xst]/ ? 1 : 0)
    }
    {
      special = (substr($1, 4, 1) ~ /[sS]/ ? 4 : 0) + (substr($1, 7, 1) ~ /[sS]/ ? 2 : 0) + (substr($1, 10, 1) ~ /[tT]/ ? 1 : 0)
      print special digit(2) digit(5) digit(8) " " substr($0, index($0, " ./") + 3)
    }'
}

# A list of files, unsorted, from what the checksum program printed ($1) and what ls -ldn printed ($2) of the same files.
# shellcheck disable=SC2016
file_lines() {
  "$awk" '
    FILENAME == ARGV[1] {
      # sha256sum: "HEX  ./PATH", with "\" in front of a line whose path has its backslashes doubled;
      # digest and openssl: "NAME (./PATH) = HEX", "NAME(./PATH)= HEX"
      doubled = sub(/^\\/, "")
      if ($1 ~ /^[0-9a-f]+$/ && length($1) == 64) {
        hex = $1; path = $0; sub(/^[0-9a-f]+ [ *]\.\//, "", path)
        if (doubled) gsub(/\\\\/, "\\", path)
      } else {
        match($0, /\(\.\//); path = substr($0, RSTART + 3); hex = path
        sub(/\) ?= ?[0-9a-f]+$/, "", path); sub(/^.*= ?/, "", hex)
      }
      sum[path] = hex; next
    }
    {
      path = substr($0, index($0, " ./") + 3)
      if (substr($1, 1, 1) == "l") print "l " $1 " " $5 " - " path
      else print "f " $1 " " $5 " " (path in sum ? sum[path] : "-") " " path
    }' "$1" "$2"
}

# Prints what the checksum program says of the files in folder $1.
sums_of() (
  cd "$1" || exit 1
  # shellcheck disable=SC2086 # several words: "digest -v -a sha256"
  find . -type f -exec $BUILD_STACK_SHA256 {} +
)

# Writes the list of the files and links in folder $1 to $2. $2.sums has what sums_of printed of it.
list_files() (
  cd "$1" || exit 1
  find . ! -type d -exec ls -ldn {} + >"$2.modes" || exit 1
  file_lines "$2.sums" "$2.modes" | sort -k 5 >"$2" || exit 1
  rm -f "$2.sums" "$2.modes"
)

# Paths of the files and links, or of the folders, of a list of files. The size of a link is the length of its target.
# shellcheck disable=SC2016
paths() {
  "$awk" '
    $1 == "d" { next }
    {
      size = $3; link = $1 == "l"
      sub(/^. [^ ]* [^ ]* [^ ]* /, "")
      print link ? substr($0, 1, length($0) - size - 4) : $0
    }' "$1" | sort
}

folders() {
  sed -n 's/^d [^ ]* [^ ]* [^ ]* //p' "$1" | sort
}

# Copies the files and links of standard input from folder $1 to folder $2, with their modes and times.
copy_files() {
  cat >"$2.copied" || return 1
  folders_of <"$2.copied" | commands 'mkdir -p' "$2" | run_commands || return 1
  found_in "$1" '-type l' <"$2.copied" >"$2.links" || return 1
  # No cp of every system copies a link as one.
  # shellcheck disable=SC2016 # for the commands
  commands 'tar cf -' "$1" '| (cd "$TO" && tar xpf -) || exit 1' <"$2.links" |
    (
      TO=$2
      export TO
      run_commands
    ) || return 1
  comm -23 "$2.copied" "$2.links" | commands_by_folder 'cp -p' "$1" "$2" | run_commands || return 1
  rm -f "$2.copied" "$2.links"
}
