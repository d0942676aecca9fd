#!/bin/sh
# userdel [-r] LOGIN, with the exit statuses and messages of Solaris. Runs under any POSIX shell.
command=userdel
# shellcheck source=accounts.sh
. /usr/lib/sandbox/accounts.sh

usage() {
  fail "$EX_SYNTAX" "Invalid syntax.
usage:  userdel [-r] login"
}

remove=''
while getopts :r option; do
  case $option in
    r) remove=yes ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
login=$1

begin
has_name passwd "$login" || fail "$EX_NAME_NOT_EXIST" "$login does not exist."
! is_busy "$(field passwd 1 "$login" 3)" || fail "$EX_BUSY" "$login is in use.  Cannot remove it."
home=$(field passwd 1 "$login" 6)
set_groups "$login" ''
for database in passwd shadow; do
  login=$login awk -F: '$1 != ENVIRON["login"]' "/etc/$database" | replace "$database" || exit
done
if [ -n "$remove" ] && [ "$home" != / ] && [ -d "$home" ]; then
  rm -rf "$home" || fail "$EX_HOMEDIR" 'Unable to remove home directory.'
fi
exit 0
