#!/bin/sh
# Runs the root steps of one job for a user whose sudo wants a password: the job goes on when nobody is there to be asked
# any more. start.sh starts it by sudo, with the password on sudo's standard input and this file's input behind it.
# Usage: root-helper.sh JOB FOLDER USER   (JOB: the job's folder, FOLDER: where to meet it, USER: number of the account)
# Reads: anything up to the line "build-stack-root", lines "SHA256 PATH" of files in JOB, and "end".
# Writes to its outputs, which are the job's log, what the steps print.
#
# Who could misuse it, and what stands against it:
# - A build, which runs as USER and may be evil, asks for root by itself. It can only name root steps of this job, each
#   once and in their order; these run from copies that no one but root can write, made before the first step that is not
#   ours and checked against sums that came over the connection. Their environment is their own env.sh.
# - A build changes the job's scripts after that: the copies stay. Before: the sum is wrong, and nothing is run at all.
# - A link in the place of a file that root writes: this script writes only in FOLDER, which root made below /var/run.
#   Not closed: some steps write a file of their own into JOB (receipt.dated, links.json), and a build that puts a link
#   there first sends the job's own text elsewhere, as it can in a job without this helper.
# - The password is in no argument, variable or file: sudo reads it from a pipe, and this script drops the line if not.
# - What a build stages is installed by root, as in every job: this helper does not judge it. An attacker who runs as USER
#   at the moment of the start could take the place of start.sh, as he could of the user's own sudo.
# It ends with the job, and takes its folder away.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.

# In braces, so that all of it is read before any of it runs: a shell that reads on, line by line, would run what a build
# has written to the end of this file meanwhile.
{
  job=$1
  folder=$2
  user=$3
  PATH=/usr/xpg4/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/csw/bin
  export PATH
  umask 077

  while IFS= read -r line; do
    [ "$line" != build-stack-root ] || break
  done
  [ "$line" = build-stack-root ] || exit 1

  case $folder in
  /var/run/build-stack-*[!0-9a-f]*) exit 1 ;;
  /var/run/build-stack-*) ;;
  *) exit 1 ;;
  esac
  if ! rm -rf "$folder" || ! mkdir "$folder" || ! mkdir "$folder/steps" "$folder/lib"; then
    exit 1
  fi

  sum_of() {
    if command -v sha256sum >/dev/null 2>&1; then
      sha256sum "$1"
    elif command -v digest >/dev/null 2>&1; then
      digest -a sha256 "$1"
    else
      openssl dgst -sha256 "$1"
    fi | sed 's/.*\([0-9a-f]\{64\}\).*/\1/'
  }

  order=
  while IFS=' ' read -r sum path; do
    [ "$sum" != end ] || break
    cp "$job/$path" "$folder/$path"
    if [ "$(sum_of "$folder/$path")" != "$sum" ]; then
      echo "$job/$path was changed since it was sent: no step is run as root" >&2
      rm -rf "$folder"
      exit 1
    fi
    case $path in
    *.root.sh) order="$order $path" ;;
    esac
  done
  exec </dev/null

  # The job is gone without a word when it was killed, or its host restarted.
  watch() {
    left=60
    until [ -f "$job/pid" ] || [ $left -eq 0 ]; do
      left=$((left - 1))
      sleep 1
    done
    while kill -0 "$(sed 's/[^0-9].*//' "$job/pid")" 2>/dev/null; do
      [ -d "$folder" ] || exit 0
      sleep 2
    done
    [ ! -f "$folder/step" ] || kill "$(cat "$folder/step")"
    rm -rf "$folder"
    kill $$
  }
  watch >/dev/null 2>&1 &

  # Sets left to the steps after this one; fails for a step that is not among those that are left.
  take() {
    rest=
    found=
    for path in $order; do
      if [ -n "$found" ]; then
        rest="$rest $path"
      elif [ "$path" = "$1" ]; then
        found=yes
      fi
    done
    [ -n "$found" ] || return 1
    order=$rest
  }

  run() {
    cd "$job" || return 1
    # shellcheck disable=SC2154 # its own shell
    env -i HOME=/ LOGNAME=root USER=root PATH="$PATH" BUILD_STACK_TRUSTED="$folder" \
      "$shell" "$folder/$1" &
    echo $! >"$folder/step"
    wait $!
    code=$?
    rm -f "$folder/step"
    return $code
  }

  shell=$(sed -n "s/^BUILD_STACK_SHELL=\([^;]*\);.*/\1/p" "$folder/env.sh")
  mkfifo "$folder/request.new" "$folder/answer"
  chown "$user" "$folder/request.new" "$folder/answer"
  chmod 711 "$folder"
  mv "$folder/request.new" "$folder/request"

  while [ -d "$folder" ]; do
    IFS= read -r step <"$folder/request" || continue
    [ "$step" != end ] || break
    if take "$step"; then
      run "$step"
      echo $? >"$folder/answer"
    else
      echo "$step is no root step of this job, or was run before" >&2
      echo 1 >"$folder/answer"
    fi
  done
  rm -rf "$folder"
  exit 0
}
