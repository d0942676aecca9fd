#!/bin/sh
# Services under daemontools. A service is "daemontools:NAME"; what svscan sees of it is the link $BUILD_STACK_SCAN/NAME.
# Usage: daemontools.sh claim ID FOLDER     before anything is stopped, of a service that no receipt of the recipe has:
#                                           refuses where svscan sees something else by that name
#        daemontools.sh stop ID [TIMEOUT]   takes it down for the switch and remembers whether it was wanted up
#        daemontools.sh start ID FOLDER LOG USER GROUP ENABLED TIMEOUT READY...
#                                           links FOLDER, takes it up unless an administrator had taken it down, and
#                                           waits until it stays up and ready.sh READY... says yes
#        daemontools.sh restart ID [STOP-TIMEOUT LOG TIMEOUT READY...]
#                                           restarted if it is up, and waited for as with start
#        daemontools.sh enable ID LOG TIMEOUT READY...
#                                           for an administrator: up from now on; waited for as with start
#        daemontools.sh disable ID TIMEOUT  for an administrator: down, also after a boot
#        daemontools.sh refresh ID          runs the service's refresh script
#        daemontools.sh remove ID           takes it and its log down, and its link away; the log's files stay
#        daemontools.sh halt ID             before an undone switch: takes it down if this job has touched it
#        daemontools.sh undo ID FOLDER      after an undone switch: up again if it was, or gone
# Runs in the job's folder, where it keeps what it remembers: "before-NAME" holds true, false or new.
# Exit 1: the service did not come up; the reason and the end of its log are on standard error.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
verb=$1
id=$2
scan=${BUILD_STACK_SCAN:-/service}
name=${id#daemontools:}
link=$scan/$name
before=before-$name
here=${0%/*}

fail() {
  echo "$*" >&2
  exit 1
}

# "up (pid 7) 3 seconds", "down 2 seconds, normally up", "supervise not running", ...
status() {
  svstat "$1" 2>/dev/null | sed "s|^[^:]*: ||"
}

# The pid of a service that is up and is to be.
pid() {
  case $(status "$1") in
  *'want down'*) ;;
  up*) status "$1" | sed 's/^up (pid \([0-9]*\)).*/\1/' ;;
  esac
}

wanted() {
  case $(status "$link") in
  *'want down'*) return 1 ;;
  up* | *'want up'*) return 0 ;;
  esac
  return 1
}

# Where the link leads, whether that is there or not, but nowhere when it is not one of ours.
folder() {
  [ -h "$link" ] || return 0
  # readlink is not everywhere.
  # shellcheck disable=SC2012 # the name is checked
  target=$(ls -ld "$link" | sed 's/^.* -> //')
  case $target in
  */svc/daemontools/"$name") echo "$target" ;;
  esac
}

is_up() {
  svstat "$link" | grep ': up ' >/dev/null
}

# Kills it when it has not ended $1 seconds after a SIGTERM: $2 is its pid.
outlast() {
  left=$1
  while [ -n "$2" ] && [ "$(pid "$link")" = "$2" ]; do
    if [ "$left" -le 0 ]; then
      echo "$id does not end at SIGTERM within $1 s, and is killed"
      svc -k "$link"
      left=10
    fi
    # Most end at once.
    { [ "$left" -eq "$1" ] && sleep 0.2 2>/dev/null; } || sleep 1
    left=$((left - 1))
  done
}

down() {
  svok "$link" 2>/dev/null || return 0
  svc -d "$link"
  left=$1
  while is_up; do
    if [ "$left" -le 0 ]; then
      echo "$id does not end at SIGTERM within $1 s, and is killed"
      svc -k "$link"
      left=10
      while is_up; do
        [ $left -gt 0 ] || fail "$id does not end"
        left=$((left - 1))
        sleep 1
      done
      return 0
    fi
    # Most end at once.
    [ "$left" -ne "$1" ] || sleep 0.2 2>/dev/null
    is_up || return 0
    left=$((left - 1))
    sleep 1
  done
}

remember() {
  [ ! -f "$before" ] || return 0
  if [ ! -h "$link" ]; then
    echo new >"$before"
    return 0
  fi
  if wanted; then echo true >"$before"; else echo false >"$before"; fi
  cp "$link/log/run" "$before.log" 2>/dev/null
}

# Its log runs on through everything that does not change how it is written.
refresh_log() {
  if [ -f "$before.log" ] && ! cmp -s "$before.log" "$link/log/run"; then svc -t "$link/log"; fi
}

delete() {
  target=$(folder)
  [ -n "$target" ] || return 0
  down 60
  # The link first: svscan would start the supervise anew.
  rm -f "$link"
  svc -dx "$target" "$target/log" 2>/dev/null
  left=15
  while { svok "$target" || svok "$target/log"; } 2>/dev/null && [ $left -gt 0 ]; do
    left=$((left - 1))
    sleep 1
  done
  rm -rf "$target/supervise" "$target/log/supervise" "$target/down"
  rmdir "$target/log" "$target" 2>/dev/null
  return 0
}

show_why() {
  echo "$id: $(status "$link")" >&2
  [ -x "$link/run" ] || echo "$link/run is not executable" >&2
  if [ -s "$log/current" ]; then
    echo "the end of $log/current:" >&2
    tail -12 "$log/current" | sed 's/^@[0-9a-f]* //' >&2
  elif [ -n "$log" ]; then
    echo "$log/current has no line" >&2
  fi
}

# What dies at once is up between its deaths, and its supervise looks after it a second later.
settles() {
  first=$(pid "$1")
  [ -n "$first" ] || return 1
  sleep 2
  [ "$(pid "$1")" = "$first" ]
}

# Waits until svscan has given it a supervise.
supervised() {
  left=15
  until svok "$link" 2>/dev/null && svok "$link/log" 2>/dev/null; do
    if [ $left -eq 0 ]; then
      echo "no svscan watches $scan: start one there (recipe daemontools, or Debian's daemontools-run)" >&2
      return 1
    fi
    left=$((left - 1))
    sleep 1
  done
}

# Waits for it to be up, to be ready, and to stay so.
await() {
  limit=$1
  shift
  [ "$limit" -gt 0 ] || limit=86400
  waited=0
  deaths=0
  last=
  until [ -n "$(pid "$link")" ] && "$BUILD_STACK_SHELL" "$here/ready.sh" "$@" && settles "$link"; do
    now=$(pid "$link")
    if [ "$now" != "$last" ]; then
      last=$now
      deaths=$((deaths + 1))
    fi
    if [ $deaths -gt 8 ]; then
      show_why
      fail "$id does not stay up: it ends as soon as it is started (or goes to the background, where nobody can watch it)"
    fi
    if [ "$waited" -ge "$limit" ]; then
      show_why
      [ -z "$now" ] || [ $# -eq 0 ] ||
        fail "$id does not $("$BUILD_STACK_SHELL" "$here/ready.sh" what "$@") within $limit s"
      fail "$id did not come up within $limit s"
    fi
    waited=$((waited + 1))
    sleep 1
  done
}

case $id in
daemontools:?*) ;;
*)
  echo "$id is another supervisor's, and left alone"
  exit 0
  ;;
esac

case $verb in
claim)
  if [ -h "$link" ] || [ -e "$link" ]; then
    [ "$(folder)" = "$3" ] || fail "$link is there already, and is not the one of $3"
  fi
  ;;
stop)
  if { [ -e "$link" ] || [ -h "$link" ]; } && [ -z "$(folder)" ]; then fail "$link is not build-stack's"; fi
  remember
  down "${3:-60}"
  ;;
start)
  folder=$3
  log=$4
  user=$5
  group=$6
  enabled=$7
  shift 7
  remember
  for command in svscan svstat multilog setuidgid softlimit; do
    command -v $command >/dev/null 2>&1 || fail "$command is not on the PATH of hosts.yaml: $PATH"
  done
  [ -d "$scan" ] || fail "there is no $scan for svscan to watch (hosts.yaml: scan)"
  for script in "$folder/run" "$folder/log/run"; do
    [ -x "$script" ] || fail "$script is not executable"
  done
  if [ -n "$user" ]; then
    own=$(id -gn "$user") || fail "there is no account $user"
    # It has no option for another.
    [ -z "$group" ] || [ "$group" = "$own" ] || fail "setuidgid gives $user its own group $own, not $group"
  fi
  [ -d "$log" ] || echo "$log" >"$before.made"
  mkdir -p "$log" || fail "the folder of its log cannot be made: $log"
  if [ -n "$user" ] && [ "$(id -un)" != "$user" ]; then chown "$user" "$log" || exit 1; fi
  if ! dd if=/dev/zero of="$log/space" bs=1024 count=64 2>/dev/null; then
    rm -f "$log/space"
    fail "no room for its log in $log: $(df -k "$log" | tail -1)"
  fi
  rm -f "$log/space"
  case $(cat "$before") in
  new)
    # Before svscan can see it.
    [ "$enabled" = true ] || : >"$folder/down"
    [ ! -e "$link" ] || fail "$link is not build-stack's"
    ln -s "$folder" "$link" || fail "$link cannot be made"
    supervised || fail "$id has no supervise"
    [ "$enabled" = true ] || exit 0
    ;;
  false)
    refresh_log
    echo "$id stays down: an administrator took it down"
    exit 0
    ;;
  *)
    supervised || fail "$id has no supervise"
    refresh_log
    ;;
  esac
  svc -u "$link"
  logger=$(pid "$link/log")
  await "$@"
  [ "$(pid "$link/log")" = "$logger" ] || settles "$link/log" || {
    show_why
    fail "the multilog of $id does not stay up; its complaint is where svscan's output goes (readproctitle in ps)"
  }
  ;;
restart)
  wanted || exit 0
  [ $# -gt 2 ] || set -- "$verb" "$id" 60 '' 60
  stop_timeout=$3
  log=$4
  shift 4
  old=$(pid "$link")
  svc -t "$link"
  outlast "$stop_timeout" "$old"
  await "$@"
  ;;
enable)
  log=$3
  shift 3
  [ -n "$(folder)" ] || fail "$link is not there, or not build-stack's: the next run of build-stack links it"
  supervised || fail "$id has no supervise"
  rm -f "$link/down"
  svc -u "$link"
  await "$@"
  ;;
disable)
  [ -n "$(folder)" ] || fail "$link is not there, or not build-stack's"
  : >"$link/down" || exit 1
  down "$3"
  ;;
refresh)
  [ -n "$(pid "$link")" ] || fail "$id is not up: there is nothing to refresh"
  [ -x "$link/refresh" ] || fail "$id knows no refresh: its recipe names no command for it"
  "$link/refresh" || fail "the refresh of $id failed; it runs on as it was"
  ;;
remove) delete ;;
halt)
  if [ -f "$before" ] && [ -n "$(folder)" ]; then down 20; fi
  ;;
undo)
  [ -f "$before" ] || exit 0
  if [ "$(cat "$before")" = new ]; then
    delete
    # What svscan did not see yet.
    rm -f "$3/down"
    rmdir "$3/log" "$3" 2>/dev/null
    if [ -f "$before.made" ]; then
      made=$(cat "$before.made")
      rm -rf "$made"
      rmdir "${made%/*}" 2>/dev/null
    fi
  else
    refresh_log
    [ "$(cat "$before")" = false ] || svc -u "$link"
  fi
  ;;
*) fail "daemontools.sh: unknown verb $verb" ;;
esac
exit 0
