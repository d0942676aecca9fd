#!/bin/sh
# useradd [-u UID [-o]] [-g GROUP] [-G GROUP,...] [-d DIR | -b BASE] [-s SHELL] [-c TEXT] [-m [-k SKEL]] LOGIN, with the
# exit statuses and messages of Solaris. The account is locked. Runs under any POSIX shell.
command=useradd
# shellcheck source=accounts.sh
. /usr/lib/sandbox/accounts.sh

usage() {
  fail "$EX_SYNTAX" "invalid syntax.
usage:  useradd [-u uid [-o] | -g group | -G group[[,group]...] | -d dir | -b base_dir | -s shell |
		-c comment | -m [-k skel_dir] | -f inactive | -e expire | -A authorization | -P profile |
		-R role | -K key=value | -p project] login"
}

uid='' duplicate='' group=other groups='' home='' base=/home shell=/bin/sh comment='' make='' skeleton=''
while getopts :u:og:G:d:b:s:c:mk:f:e:A:P:R:p:K: option; do
  case $option in
    u) uid=$OPTARG ;;
    o) duplicate=yes ;;
    g) group=$OPTARG ;;
    G) groups=$OPTARG ;;
    d) home=$OPTARG ;;
    b) base=$OPTARG ;;
    s) shell=$OPTARG ;;
    c) comment=$OPTARG ;;
    m) make=yes ;;
    k) skeleton=$OPTARG ;;
    f | e | A | P | R | p | K) ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
[ -z "$skeleton" ] || [ -n "$make" ] || usage
login=$1

begin
check_name "$login" 'login name'
! has_name passwd "$login" || fail "$EX_NAME_EXISTS" "$login is already in use.  Choose another."
if [ -n "$uid" ]; then
  check_id "$uid" 'user id'
  [ -n "$duplicate" ] || ! has_number passwd "$uid" ||
    fail "$EX_ID_EXISTS" "uid $uid is already in use.  Choose another."
  [ "$uid" -ge 100 ] || warn "uid $uid is reserved."
else
  uid=$(next_number passwd)
fi
gid=$(group_number "$group") || exit $?
[ -z "$groups" ] || (check_groups "$groups") || exit $?
check_folder "$base"
home=${home:-$base/$login}
check_folder "$home"
check_shell "$shell"
check_text "$comment" comment

append passwd "$login:x:$uid:$gid:$comment:$home:$shell"
append shadow "$login:*LK*:::::::"
[ -z "$groups" ] || set_groups "$login" "$groups"
if [ -n "$make" ] && [ ! -d "$home" ]; then
  { mkdir -p "$home" && cp -R "${skeleton:-/etc/skel}/." "$home" && chown -R "$uid:$gid" "$home"; } ||
    fail "$EX_HOMEDIR" "Unable to create the home directory: $home."
fi
exit 0
