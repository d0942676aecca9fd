#!/bin/sh
# Services under SMF. All FMRIs are whole ones with their instance: a pattern could match somebody else's service.
# Usage: smf.sh claim FMRI RECIPE            before anything is stopped, of a service that no receipt of RECIPE has: refuses
#                                          one that is there already and that RECIPE did not bring
#        smf.sh stop FMRI                  stops it for the switch and remembers whether an administrator wants it to run
#        smf.sh start FMRI MANIFEST ENABLED TIMEOUT READY...
#                                          imports the manifest, starts it unless an administrator had disabled it, and
#                                          waits until it is online and ready.sh READY... says yes
#        smf.sh restart FMRI [TIMEOUT READY...]
#                                          restarted if it runs or has failed, and waited for as with start
#        smf.sh enable FMRI TIMEOUT READY...
#                                          for an administrator: it is to run from now on; waited for as with start
#        smf.sh disable FMRI               for an administrator: it is not to run any more, also after a boot
#        smf.sh refresh FMRI TIMEOUT       reads its configuration again
#        smf.sh remove FMRI                stops and deletes it
#        smf.sh halt FMRI                  before an undone switch: stops it if this job has touched it
#        smf.sh undo FMRI MANIFEST          after an undone switch: the old manifest back, or the service gone
# Runs in the job's folder, where it keeps what it remembers: "before FMRI" holds true, false or new.
# Exit 1: the service did not come up (or go, or refresh); the reason and the end of its log are on standard error.
# Runs under POSIX shells: dash, ksh88, ksh93, busybox sh.
verb=$1
fmri=$2
manifest=$3
before=before-$(printf '%s' "$fmri" | tr '/:' '__')

fail() {
  echo "$*" >&2
  exit 1
}

state() {
  svcs -H -o state,nstate "$fmri" 2>/dev/null
}

# An end of a fault that SMF has not come round to yet is no new fault.
clear_fault() {
  case $(state) in
  maintenance*) svcadm clear "$fmri" ;;
  *) return 0 ;;
  esac
  tries=0
  while [ $tries -lt 5 ]; do
    case $(state) in
    maintenance*) sleep 1 ;;
    *) return 0 ;;
    esac
    tries=$((tries + 1))
  done
}

# Waits until the state's two words match a pattern, at most so many seconds, and not for a service that is started
# over and over.
wait_for() {
  waited=0
  starts=0
  last=
  while :; do
    now=$(state)
    # shellcheck disable=SC2254 # patterns are meant
    case $now in
    $1) return 0 ;;
    maintenance*) return 1 ;;
    esac
    [ $waited -lt "$2" ] || return 1
    started=$(svcprop -p restarter/start_method_timestamp "$fmri" 2>/dev/null)
    if [ "$started" != "$last" ]; then
      last=$started
      starts=$((starts + 1))
      [ $starts -le 10 ] || return 1
    fi
    # The first second in small waits where the host's sleep can: most services are there at once.
    if [ "$waited" -eq 0 ] && [ -z "$slept" ]; then
      sleep 0.2 2>/dev/null && tenths="$tenths." && [ ${#tenths} -lt 5 ] && continue
      slept=yes
    fi
    sleep 1
    waited=$((waited + 1))
  done
}

# Disables it and waits until its processes are gone. $1: -t, or nothing. svcadm's own -s waits for ever when a stop
# method fails: the service is then in maintenance.
disable() {
  svcadm disable ${1:+"$1"} "$fmri" || return 1
  polls=0
  while [ $polls -lt 900 ]; do
    case $(state) in
    '' | disabled*-* | uninitialized*-* | maintenance*-*) return 0 ;;
    esac
    polls=$((polls + 1))
    # Most services are gone at once, where the host's sleep knows parts of a second.
    { [ $polls -lt 10 ] && sleep 0.1 2>/dev/null; } || sleep 1
  done
  return 1
}

# In maintenance after a stop: SMF has killed what outlived the time-out, but not what a failed stop method left.
require_stopped() {
  if [ "$(svcs -Hp "$fmri" 2>/dev/null | wc -l)" -gt 1 ]; then
    now=$(state)
    show_why
    fail "$fmri does not stop: its processes are still there"
  fi
}

log_file() {
  svcprop -p restarter/logfile "$fmri" 2>/dev/null
}

show_why() {
  echo "$fmri is ${now:-not known to SMF}" >&2
  svcs -x "$fmri" >&2
  log=$(log_file)
  if [ -f "$log" ]; then
    echo "the end of $log:" >&2
    tail -12 "$log" >&2
  fi
}

# Whether it runs on for a second: what dies at once is online between its deaths, and its port may be somebody else's.
settles() {
  contract=$(svcprop -p restarter/contract "$fmri" 2>/dev/null)
  sleep 1
  [ "$(svcprop -p restarter/contract "$fmri" 2>/dev/null)" = "$contract" ] || return 1
  case $(state) in
  online*-*) return 0 ;;
  esac
  return 1
}

answers() {
  "$BUILD_STACK_SHELL" "${0%/*}/ready.sh" "$@"
}

# Its start, as a word that another start changes; what a oneshot runs has no contract.
latest_start() {
  svcprop -p restarter/contract "$fmri" 2>/dev/null
  svcprop -p restarter/start_method_timestamp "$fmri" 2>/dev/null
}

# Waits at most $1 seconds until it is online, ready.sh says yes to the other words, and it stays so.
come_online() {
  # 0 is no limit in SMF; a job has to end one day.
  timeout=$1
  [ "$timeout" -gt 0 ] || timeout=86400
  shift
  slept=
  tenths=
  if ! wait_for 'online *-*' "$timeout"; then
    show_why
    [ $starts -le 10 ] || fail "$fmri does not stay online"
    fail "$fmri did not come online within $timeout s"
  fi
  waited=0
  until answers "$@"; do
    case $(state) in
    maintenance*) waited=$timeout ;;
    esac
    if [ "$waited" -ge "$timeout" ]; then
      now=$(state)
      show_why
      fail "$fmri does not $(answers what "$@")"
    fi
    sleep 1
    waited=$((waited + 1))
  done
  if ! settles; then
    now=$(state)
    show_why
    fail "$fmri does not stay online"
  fi
}

# svcadm refresh returns at once and says nothing of the method; its result is a line of the log.
refresh() {
  if [ "$(svcprop -p refresh/exec "$fmri" 2>/dev/null)" = :true ]; then
    fail "$fmri knows no refresh: its recipe names no command for it"
  fi
  case $(state) in
  online*-* | degraded*-*) ;;
  *) fail "$fmri is $(state): there is nothing to refresh" ;;
  esac
  log=$(log_file)
  limit=$1
  [ "$limit" -gt 0 ] || limit=86400
  before_lines=$(wc -l <"$log" 2>/dev/null)
  svcadm refresh "$fmri" || fail "$fmri cannot be refreshed"
  waited=0
  while [ "$waited" -lt "$limit" ]; do
    sed -n "$((${before_lines:-0} + 1)),\$p" "$log" 2>/dev/null >refresh-said
    # Our methods say it themselves and end well, because SMF takes a service into maintenance whose refresh fails
    # three times, and leaves its processes to themselves.
    if grep '^refresh failed with exit status' refresh-said >/dev/null; then
      cat refresh-said >&2
      fail "the refresh method of $fmri failed; it runs on as it was"
    fi
    # One that fails has an exit status like one that does not; only a signal has words of its own.
    if grep '^\[ .*Method "refresh" exited with status [1-9]' refresh-said >/dev/null ||
      grep '^\[ .*Method "refresh" failed' refresh-said >/dev/null; then
      sleep 2
      now=$(state)
      show_why
      fail "the refresh method of $fmri failed"
    fi
    ! grep '^\[ .*Method "refresh" exited with status 0' refresh-said >/dev/null || return 0
    waited=$((waited + 1))
    sleep 1
  done
  fail "$log does not say within $limit s how the refresh method of $fmri ended"
}

delete() {
  [ -n "$(state)" ] || return 0
  disable
  svccfg delete "$fmri" || svccfg delete -f "$fmri"
  # The service that held this instance; it stays where others have instances of it.
  svccfg delete "${fmri%:*}" 2>/dev/null
}

remember() {
  [ ! -f "$before" ] || return 0
  if [ -z "$(state)" ]; then
    # Not there, or nobody who could tell.
    said=$(svcs -H 2>&1) || fail "SMF does not answer: $(echo "$said" | sed q)"
    echo new >"$before"
  else
    svcprop -c -p general/enabled "$fmri" >"$before"
  fi
}

case $verb in
claim)
  # What a run that was cut off left is the recipe's own.
  if [ -n "$(state)" ] && [ "$(svcprop -p build-stack/recipe "$fmri" 2>/dev/null)" != "$3" ]; then
    fail "$fmri is there already, and is not the one of $3"
  fi
  ;;
stop)
  remember
  case $(state) in
  online* | degraded* | offline* | maintenance*)
    # -t: what the administrator wants at the next boot stays as it is.
    disable -t || fail "$fmri does not stop"
    require_stopped
    ;;
  esac
  ;;
start)
  enabled=$4
  shift 4
  remember
  svccfg validate "$manifest" || fail "SMF refuses $manifest"
  conflicts=$(svccfg import "$manifest" 2>&1) || fail "SMF does not import $manifest: $conflicts"
  case $conflicts in
  *Conflict*) echo "changed on this host, and kept: $conflicts" ;;
  esac
  slept=
  tenths=
  # On older releases import returns before the service is known.
  wait_for '[a-z]*' 15 || fail "$fmri is not there after the import of $manifest"
  case $(cat "$before") in
  new) [ "$enabled" = true ] || exit 0 ;;
  false)
    echo "$fmri stays disabled: an administrator disabled it"
    exit 0
    ;;
  esac
  clear_fault
  svcadm enable "$fmri" || fail "$fmri cannot be enabled"
  come_online "$@"
  ;;
enable)
  shift 2
  [ -n "$(state)" ] || fail "$fmri is not known to SMF: the next run of build-stack imports it"
  clear_fault
  svcadm enable "$fmri" || fail "$fmri cannot be enabled"
  come_online "$@"
  ;;
disable)
  failed_before=
  case $(state) in
  '') fail "$fmri is not known to SMF" ;;
  maintenance*) failed_before=yes ;;
  esac
  disable || fail "$fmri does not stop"
  require_stopped
  case $(state) in
  maintenance*) [ -n "$failed_before" ] || echo "$fmri is in maintenance: its stop method failed; nothing of it runs" ;;
  esac
  ;;
refresh) refresh "$3" ;;
restart)
  shift 2
  [ $# -gt 0 ] || set -- 60
  earlier=$(latest_start)
  case $(state) in
  '' | disabled* | uninitialized*) exit 0 ;;
  # It may have been waiting for just this.
  maintenance*) clear_fault ;;
  *) svcadm restart "$fmri" || fail "$fmri cannot be restarted" ;;
  esac
  waited=0
  while [ "$(latest_start)" = "$earlier" ] && [ $waited -lt 60 ]; do
    sleep 1
    waited=$((waited + 1))
  done
  come_online "$@"
  ;;
remove) delete ;;
halt)
  [ ! -f "$before" ] || [ -z "$(state)" ] || disable -t
  ;;
undo)
  [ -f "$before" ] || exit 0
  if [ "$(cat "$before")" = new ]; then
    delete
  else
    svccfg import "$manifest"
    if [ "$(cat "$before")" = true ]; then
      clear_fault
      svcadm enable "$fmri"
    fi
  fi
  ;;
*) fail "smf.sh: unknown verb $verb" ;;
esac
exit 0
