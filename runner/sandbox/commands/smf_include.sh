# shellcheck shell=sh disable=SC2003,SC2006,SC2034,SC2086
# What service methods source as /lib/svc/share/smf_include.sh: exit statuses and a few functions. Written for the
# Bourne shell: no $( ), no local variables.

SMF_EXIT_OK=0
SMF_EXIT_NODAEMON=94
SMF_EXIT_ERR_FATAL=95
SMF_EXIT_ERR_CONFIG=96
SMF_EXIT_MON_DEGRADE=97
SMF_EXIT_MON_OFFLINE=98
SMF_EXIT_ERR_NOSMF=99
SMF_EXIT_ERR_PERM=100

# Whether SMF runs.
smf_present() {
  [ -d /system/volatile/smf ]
}

# For a daemon or script that would otherwise be taken for a method.
smf_clear_env() {
  unset SMF_FMRI SMF_METHOD SMF_RESTARTER SMF_ZONENAME
}

# smf_console: a command that passes its input on and copies it to the console.
smf_console() {
  cat
}

smf_zonename() {
  /sbin/zonename
}

smf_is_globalzone() {
  [ "`smf_zonename`" = global ]
}

smf_is_nonglobalzone() {
  if smf_is_globalzone; then
    return 1
  fi
  return 0
}

smf_is_system_labeled() {
  return 1
}

smf_netstrategy() {
  _INIT_NET_STRATEGY=none
  export _INIT_NET_STRATEGY
}

# smf_contract_members CONTRACT: numbers of the processes that carry its mark.
smf_contract_members() {
  grep -lz "^SANDBOX_CONTRACT=.*\.$1\$" /proc/[0-9]*/environ 2>/dev/null | sed 's,/proc/\([0-9]*\)/.*,\1,'
}

# smf_kill_contract CONTRACT SIGNAL [WAIT [TIMEOUT]]: signals the members, and with WAIT 1 every 5 seconds until none is
# left. Status 1: no such contract; 2: members are left after TIMEOUT seconds.
smf_kill_contract() {
  smf_waited=0
  smf_members=`smf_contract_members "$1"`
  [ -n "$smf_members" ] || return 1
  while [ -n "$smf_members" ]; do
    kill -"$2" $smf_members 2>/dev/null
    [ "${3:-0}" = 1 ] || return 0
    if [ "${4:-0}" -gt 0 ] && [ "$smf_waited" -ge "$4" ]; then
      return 2
    fi
    sleep 1
    smf_waited=`expr $smf_waited + 1`
    smf_members=`smf_contract_members "$1"`
  done
  return 0
}
