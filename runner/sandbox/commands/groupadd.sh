#!/bin/sh
# groupadd [-g GID [-o]] GROUP, with the exit statuses and messages of Solaris. Runs under any POSIX shell.
command=groupadd
# shellcheck source=accounts.sh
. /usr/lib/sandbox/accounts.sh

usage() {
  fail "$EX_SYNTAX" "invalid syntax.
usage: groupadd [-g gid [-o]] group"
}

gid='' duplicate=''
while getopts :g:o option; do
  case $option in
    g) gid=$OPTARG ;;
    o) duplicate=yes ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
[ -z "$duplicate" ] || [ -n "$gid" ] || usage
name=$1

begin
check_name "$name" 'group name'
! has_name group "$name" || fail "$EX_NAME_EXISTS" "$name is already in use.  Choose another."
if [ -n "$gid" ]; then
  check_id "$gid" 'group id'
  [ -n "$duplicate" ] || ! has_number group "$gid" || fail "$EX_ID_EXISTS" "$gid is already in use.  Choose another."
  [ "$gid" -ge 100 ] || warn "gid $gid is reserved."
else
  gid=$(next_number group)
fi
append group "$name::$gid:"
