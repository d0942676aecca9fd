#!/bin/sh
# What services.ts shows of services beyond their state. Changes nothing.
# Fed to a POSIX shell on standard input after assignments:
#   prefix    scan     the folder that svscan watches       services   identifiers, a line each: FMRIs, daemontools:NAME
# Prints a line for each, its words divided by tabs, then "end":
#   service ID BOOT PIDS LOG REASON     BOOT: true, false or empty (not known); PIDS: with blanks between; LOG: a path;
#                                       REASON: why it is not up, or does not stay so, as far
#                                       as its supervisor or its log says
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
# shellcheck disable=SC2154 # assigned before

of_smf() {
  boot=$(svcprop -c -p general/enabled "$1" 2>/dev/null)
  log=$(svcprop -p restarter/logfile "$1" 2>/dev/null)
  # The first line is the service's own; the others have a time, a pid and a name.
  pids=$(svcs -Hp "$1" 2>/dev/null | sed 1d | while read -r _ pid _; do printf '%s ' "$pid"; done)
  reason=$(svcs -x "$1" 2>/dev/null | sed -n 's/^Reason: //p' | sed q)
}

of_daemontools() {
  name=${1#daemontools:}
  log=$prefix/var/log/$name/current
  boot=true
  [ ! -f "$scan/$name/down" ] || boot=false
  status=$(svstat "$scan/$name" 2>&1)
  case $status in
  *': up '*') 0 seconds'* | *': up '*') 1 seconds'*)
    # What dies at once is up between its deaths: a second look.
    first=${status%%')'*}
    sleep 2
    status=$(svstat "$scan/$name" 2>&1)
    [ "${status%%')'*}" = "$first" ] || status="$scan/$name: down, want up"
    ;;
  esac
  pids=$(echo "$status" | sed -n 's/^.*: up (pid \([0-9]*\)).*/\1/p')
  reason=
  case $status in
  *': up '*) ;;
  *': down'*'want up'*)
    # What it said last, without the time.
    reason=$(tail -1 "$log" 2>/dev/null | sed 's/^@[0-9a-f]* //')
    ;;
  *': down '*) ;;
  *) reason=${status#"$scan/$name: "} ;;
  esac
}

echo "$services" | while read -r id; do
  case $id in
  '') continue ;;
  daemontools:*) of_daemontools "$id" ;;
  *) of_smf "$id" ;;
  esac
  printf 'service\t%s\t%s\t%s\t%s\t%s\n' "$id" "$boot" "${pids% }" "$log" "$(echo "$reason" | tr '\t' ' ')"
done
echo end
