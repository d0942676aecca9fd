#!/bin/sh
# What a dry run with pending changes asks a host besides the probe: texts as they are there, lists of files, and whether
# configuration files are as installed. Changes nothing.
# Fed to a POSIX shell on standard input, in this order: assignments, recorded.sh, this file. The assignments:
#   prefix
#   texts      absolute paths, a line each      lists      recipes whose lists of files are wanted, a line each
#   packages   names of packages of this host, a line each
#   "$@"       RECIPE PRISTINE TARGET of each configuration file
# Prints lines, their words divided by tabs:
#   text PATH             then the text, each line behind a "|", and a last "|" line without an end where it has none
#   listed RECIPE LINE    of its list of files (see tree.sh)       packed NAME PATH   a file of a package
#   whole NAME            the package could be read to its end
#   config RECIPE STATE new|- PATH    see recorded.sh
#   preview end
# Runs under dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # assigned before

each_line() {
  printf '%s\n' "$1" | sed '/^$/d'
}

printf '\npreview 1\n'
each_line "$texts" | while IFS= read -r path; do
  if [ ! -f "$path" ] || [ ! -r "$path" ]; then continue; fi
  printf 'text\t%s\n' "$path"
  # What an editor left without a last line break must not run into the next word.
  sed -e 's/^/|/' -e 20000q "$path"
  printf '\n'
done
each_line "$lists" | while IFS= read -r recipe; do
  [ -f "$prefix/var/build-stack/receipts/$recipe.files" ] || continue
  sed "s/^/listed	$recipe	/" "$prefix/var/build-stack/receipts/$recipe.files"
done
each_line "$packages" | while IFS= read -r name; do
  archive=$prefix/var/build-stack/packages/$name.tar.gz
  [ -f "$archive" ] || continue
  gzip -dc "$archive" | tar tf - | sed "s/^/packed	$name	/"
  gzip -t "$archive" 2>/dev/null && printf 'whole\t%s\n' "$name"
done
list_configuration "$@"
printf 'preview end\n'
