#!/bin/sh
# What is under a prefix against what the receipts' lists say. Changes nothing but a folder of its own in TMPDIR.
# Fed to a POSIX shell on standard input, in this order: assignments, tree.sh, recorded.sh, link-check.sh as the function
# link_check, this file. The assignments:
#   prefix    quick    "yes": no contents, no libraries         known    paths that are no foreigners, a line each
#   "$@"      RECIPE PRISTINE TARGET of each configuration file
# Prints lines, their words divided by tabs; LINE is one of a list of files (see tree.sh):
#   list COMPONENT COUNT BAD          lines of its list, and lines that are none
#   gone COMPONENT LINE               recorded, and not there
#   was COMPONENT LINE, is LINE       recorded, and there in another form
#   foreign COUNT made|- PATH         in no list; a folder that holds nothing recorded stands for the COUNT files in it;
#                                     made: some recipe brought the folder, to be filled
#   config RECIPE STATE new|- PATH    same, changed, link, missing, folder, unreadable, unknown; new: PATH.new is there
#   library COMPONENT FILE NAME WHY   what a program or library needs and does not find
#   unlinked REASON                   why libraries were not looked at
# Runs under dash, ksh88, ksh93, busybox sh; one process for some hundred files. Reads BUILD_STACK_SHA256, BUILD_STACK_SHELL.
# shellcheck disable=SC2154,SC2016 # assigned before; awk's own $

compare_lists() {
  "$awk" "$path_of"'
    FILENAME == ARGV[1] { now[path_of($0)] = $0; next }
    {
      tab = index($0, "\t"); line = substr($0, tab + 1); path = path_of(line)
      if (!(path in now)) print "gone\t" $0
      else if (now[path] == line) same[path]
      else { different[++count] = $0; path_at[count] = path }
    }
    END {
      # A folder is several recipes'"'"': as one of them has it, it is right.
      for (n = 1; n <= count; n++) {
        path = path_at[n]
        if (path in same) continue
        print "was\t" different[n]
        if (!(path in told)) { told[path]; print "is\t" now[path] }
      }
    }' "$work/now" "$work/index"
}

list_foreign() {
  {
    cat "$work/paths"
    printf '%s\n' "$known"
  } | folders_of >"$work/busy"
  comm -13 "$work/recorded" "$work/files" >"$work/strangers"
  known=$known "$awk" '
    BEGIN { knowns = split(ENVIRON["known"], known, "\n") }
    FILENAME == ARGV[1] { busy[$0]; next }
    FILENAME == ARGV[2] { made[$0]; next }
    {
      for (n = 1; n <= knowns; n++) if (known[n] != "" && index($0 "/", known[n] "/") == 1) next
      # The topmost folder that nothing recorded is in.
      key = ""; parts = split($0, part, "/")
      for (n = 1; n <= parts; n++) { key = key (n == 1 ? "" : "/") part[n]; if (!(key in busy)) break }
      if (!(key in count)) order[++keys] = key
      count[key]++
    }
    END { for (n = 1; n <= keys; n++) print "foreign\t" count[order[n]] "\t" (order[n] in made ? "made" : "-") "\t" order[n] }
  ' "$work/busy" "$work/made" "$work/strangers"
}

list_libraries() {
  (cd "$work" && link_check '' "$prefix") >"$work/linked" 2>"$work/unlinked"
  sed -n '/^not checked/s/^/unlinked	/p' "$work/linked"
  sed -n 's|^\(/.*\) needs \([^ ]*\), which is \(.*\)$|\1	\2	\3|p' "$work/unlinked" >"$work/libraries"
  prefix=$prefix "$awk" "$path_of"'
    FILENAME == ARGV[1] { tab = index($0, "\t"); owner[ENVIRON["prefix"] "/" path_of(substr($0, tab + 1))] = substr($0, 1, tab - 1); next }
    { file = substr($0, 1, index($0, "\t") - 1); if (file in owner) print "library\t" owner[file] "\t" $0 }
  ' "$work/index" "$work/libraries"
}

verify() {
  printf '\nbuild-stack-verify 1\n'
  list_index
  if [ -s "$work/index" ]; then
    (cd "$prefix" && find . ! -type d -print) 2>/dev/null |
      sed -n -e '/^\.\/var\/build-stack\//d' -e 's|^\./||p' | sort >"$work/files"
    (cd "$prefix" && find . -type d -print) 2>/dev/null | sed -n 's|^\./||p' | sort >"$work/folders"
    cut -f2- "$work/index" >"$work/lines"
    paths "$work/lines" | sort -u >"$work/paths"
    folders "$work/lines" | sort -u >"$work/made"
    sort -u "$work/paths" "$work/made" >"$work/recorded"
    list_present "$work/recorded" >"$work/now"
    compare_lists
    list_foreign
    [ "$quick" = yes ] || list_libraries
  fi
  list_configuration "$@"
  printf 'build-stack-verify end\n'
}

# Nothing that runs here may read the rest of the script.
verify "$@" </dev/null
