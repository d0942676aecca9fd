#!/bin/sh
# Makes files, links and folders below a folder, of what came from a bucket. Nothing is written beside the folder, or
# through links in it. Whatever it is told, it may be told twice.
# Fed to a POSIX shell, after assignments; a tar archive follows on standard input: "list", and files named by numbers.
#   base    the folder, absolute; made where it lacks
#   client  a word: whose files these are
# The list has words for each deed, and a line for each path, which is below the folder and has no line break:
#   file N MODE TIME STAMP             PATH          file N of the archive becomes it
#   link TIME STAMP                    PATH, TARGET
#   part ID AT N                                     file N goes behind the first AT MB (1,048,576 bytes) of part ID
#   end ID SHA256 MODE TIME STAMP      PATH          part ID becomes it, if it has this checksum
#   drop ID                                          part ID is nothing
#   mode MODE                          PATH          of a file
#   folder MODE                        PATH
# TIME is for touch -d, STAMP the same for touch -t, both of UTC.
# Prints a line for each, "ok" or "no TAB WHY" (WHY "damaged": not this checksum), then "end"; or "stop TAB WHY" before any.
# What is on its way is in .build-stack-restore below the folder: parts stay there until they are ended.
# Reads BUILD_STACK_SHA256. Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # assigned before
LC_ALL=C
export LC_ALL
umask 022

stop() {
  printf 'stop\t%s\n' "$1"
  exit 0
}

said=$(mkdir -p "$base" 2>&1) || stop "${said##*: }"
said=$(cd -P "$base" 2>&1) || stop "${said##*: }"
cd -P "$base" || exit 1
top=$PWD
above=${top%/}
stage=$above/.build-stack-restore

# Nobody else may have a hand in what is there. Another batch may take the empty folder away in between.
batch=$stage/$client.$$
tries=5
while :; do
  (umask 077 && mkdir "$stage") 2>/dev/null
  # shellcheck disable=SC2012 # the name is ours
  owner=$(ls -ldn "$stage" 2>/dev/null | awk '{ print $3 }')
  if [ ! -h "$stage" ] && [ "$owner" = "$(id | sed 's/^uid=\([0-9]*\).*/\1/')" ]; then
    (umask 077 && mkdir "$batch") 2>/dev/null && break
  fi
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || stop "$stage cannot be made, or is somebody else's"
done
trap 'rm -rf "$batch"; rmdir "$stage" 2>/dev/null' EXIT
trap 'exit 1' HUP INT PIPE TERM
# Of batches whose process was killed.
for each in "$stage/$client".*; do
  [ "$each" = "$batch" ] || kill -0 "${each##*.}" 2>/dev/null || rm -rf "$each"
done
cd "$batch" && tar xof - || exit 1
exec 2>"$batch/said"

# Goes to the folder that $path is in, made where it lacks, and sets $name. What is done there by its name alone cannot
# be led elsewhere any more.
entered='/'
enter() {
  case $1 in
  */*) folder=${1%/*} ;;
  *) folder= ;;
  esac
  name=${1##*/}
  [ "$folder" != "$entered" ] || return 0
  entered='/'
  cd "$top" || return 1
  here=$above
  rest=$folder
  while [ -n "$rest" ]; do
    each=${rest%%/*}
    rest=${rest#"$each"}
    rest=${rest#/}
    here=$here/$each
    if [ -h "./$each" ]; then
      why="$here is a link; nothing is written through it"
      return 1
    fi
    if [ ! -d "./$each" ]; then
      if [ -e "./$each" ]; then
        why="$here is not a folder"
        return 1
      fi
      mkdir "./$each" || return 1
    fi
    cd -P "./$each" || return 1
    if [ "$PWD" != "$here" ]; then
      why="$here is a link; nothing is written through it"
      return 1
    fi
  done
  entered=$folder
}

# $1 becomes $name of the folder where we are.
put() {
  if [ -d "./$name" ] && [ ! -h "./$name" ]; then
    why='there is a folder in its place'
    return 1
  fi
  mv -fT "$1" "./$name" && return 0
  # A mv without -T puts it into the folder that a link leads to.
  if [ -h "./$name" ]; then rm -f "./$name" || return 1; fi
  mv -f "$1" "./$name"
}

# Mode, time and place of a file whose content is right: FILE MODE TIME STAMP
finish() {
  chmod "$2" "$1" || return 1
  touch -d "$3" "$1" || TZ=UTC0 touch -t "$4" "$1" || return 1
  put "$1"
}

make_link() {
  enter "$path" || return 1
  rm -f "$batch/link"
  ln -s -- "$target" "$batch/link" || return 1
  # Not every system has times of links that can be set.
  touch -h -d "$1" "$batch/link" || TZ=UTC0 touch -h -t "$2" "$batch/link"
  put "$batch/link"
}

append() {
  part=$stage/$1.part
  if [ "$2" -eq 0 ]; then
    rm -f "$part" && mv "$batch/$3" "$part"
    return
  fi
  if [ -h "$part" ] || [ "$(dd if="$part" bs=1048576 skip=$(($2 - 1)) count=1 | wc -c)" -ne 1048576 ]; then
    why='what was there of it is gone'
    return 1
  fi
  dd if=/dev/null of="$part" bs=1048576 seek="$2" && cat "$batch/$3" >>"$part"
}

checksum() {
  $BUILD_STACK_SHA256 <"$1" | sed -e 's/^.*= *//' -e 's/ .*//'
}

end_part() {
  part=$stage/$1.part
  if [ ! -f "$part" ]; then
    # Told again, it is in its place.
    enter "$path" && [ ! -h "./$name" ] && [ "$(checksum "./$name")" = "$2" ] && return 0
    why='what was there of it is gone'
    return 1
  fi
  if [ "$(checksum "$part")" != "$2" ]; then
    rm -f "$part"
    why=damaged
    return 1
  fi
  enter "$path" && finish "$part" "$3" "$4" "$5"
}

make_folder() {
  enter "$path/." || return 1
  # A mode in digits alone leaves these as they are.
  chmod u-s,g-s . && chmod "$1" .
}

set_mode() {
  enter "$path" || return 1
  if [ -h "./$name" ] || [ ! -f "./$name" ]; then
    why='it changed meanwhile'
    return 1
  fi
  chmod "$1" "./$name"
}

do_deed() {
  case $deed in
  file) enter "$path" && finish "$batch/$1" "$2" "$3" "$4" ;;
  link) make_link "$@" ;;
  part) append "$@" ;;
  end) end_part "$@" ;;
  drop) rm -f "$stage/$1.part" ;;
  mode) set_mode "$@" ;;
  folder) make_folder "$@" ;;
  esac
}

while IFS=' ' read -r deed words; do
  case $deed in part | drop) ;; *) IFS= read -r path ;; esac
  [ "$deed" != link ] || IFS= read -r target
  why=
  # shellcheck disable=SC2086 # words
  if do_deed $words </dev/null >/dev/null; then
    echo ok
  else
    printf 'no\t%s\n' "${why:-$(sed -n '$s/.*: //p' "$batch/said")}"
  fi
done <"$batch/list"
echo end
