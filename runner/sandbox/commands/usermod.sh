#!/bin/sh
# usermod [-u UID [-o]] [-g GROUP] [-G GROUP,...] [-d DIR [-m]] [-s SHELL] [-c TEXT] [-l NAME] LOGIN, with the exit
# statuses and messages of Solaris. Runs under any POSIX shell.
command=usermod
# shellcheck source=accounts.sh
. /usr/lib/sandbox/accounts.sh

usage() {
  fail "$EX_SYNTAX" "Invalid syntax.
usage:  usermod -u uid [-o] | -g group | -G group[[,group]...] | -d dir [-m] | -s shell | -c comment |
		-l new_logname | -f inactive | -e expire | -A authorization | -K key=value | -P profile |
		-R role login"
}

uid='' duplicate='' group='' groups='' set_groups='' home='' move='' shell='' comment='' set_comment='' new=''
while getopts :u:og:G:d:ms:c:l:f:e:A:P:R:K: option; do
  case $option in
    u) uid=$OPTARG ;;
    o) duplicate=yes ;;
    g) group=$OPTARG ;;
    G) groups=$OPTARG set_groups=yes ;;
    d) home=$OPTARG ;;
    m) move=yes ;;
    s) shell=$OPTARG ;;
    c) comment=$OPTARG set_comment=yes ;;
    l) new=$OPTARG ;;
    f | e | A | P | R | K) ;;
    *) usage ;;
  esac
done
[ "$OPTIND" -gt 1 ] || usage
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
[ -z "$move" ] || [ -n "$home" ] || usage
login=$1

begin
has_name passwd "$login" || fail "$EX_NAME_NOT_EXIST" "$login does not exist."
old_uid=$(field passwd 1 "$login" 3)
old_home=$(field passwd 1 "$login" 6)
! is_busy "$old_uid" || fail "$EX_BUSY" "$login is in use.  Cannot change it."
if [ -n "$uid" ] && [ "$uid" != "$old_uid" ]; then
  check_id "$uid" 'user id'
  [ -n "$duplicate" ] || ! has_number passwd "$uid" ||
    fail "$EX_ID_EXISTS" "uid $uid is already in use.  Choose another."
  [ "$uid" -ge 100 ] || warn "uid $uid is reserved."
fi
gid=''
[ -z "$group" ] || gid=$(group_number "$group") || exit $?
[ -z "$groups" ] || (check_groups "$groups") || exit $?
[ -z "$home" ] || check_folder "$home"
[ -z "$shell" ] || check_shell "$shell"
check_text "$comment" comment
if [ -n "$new" ]; then
  check_name "$new" 'login name'
  ! has_name passwd "$new" || fail "$EX_NAME_EXISTS" "$new is already in use.  Choose another."
fi

# Values travel in the environment: awk would read backslashes in an assignment.
export login new uid gid comment set_comment home shell
awk -F: 'BEGIN { OFS = ":" }
    function take(at, name) { if (ENVIRON[name] != "") $at = ENVIRON[name] }
    $1 == ENVIRON["login"] {
      take(1, "new"); take(3, "uid"); take(4, "gid"); take(6, "home"); take(7, "shell")
      if (ENVIRON["set_comment"] != "") $5 = ENVIRON["comment"]
    }
    { print }' /etc/passwd | replace passwd || exit
[ -z "$set_groups" ] || set_groups "$login" "$groups"
if [ -n "$new" ]; then
  awk -F: 'BEGIN { OFS = ":" } $1 == ENVIRON["login"] { $1 = ENVIRON["new"] } { print }' \
    /etc/shadow | replace shadow || exit
  awk -F: 'BEGIN { OFS = ":" }
    {
      n = split($4, members, ","); out = ""
      for (i = 1; i <= n; i++)
        out = out (i == 1 ? "" : ",") (members[i] == ENVIRON["login"] ? ENVIRON["new"] : members[i])
      $4 = out; print
    }' /etc/group | replace group || exit
fi
if [ -n "$move" ] && [ "$home" != "$old_home" ] && [ -d "$old_home" ]; then
  mv "$old_home" "$home" || fail "$EX_HOMEDIR" "Unable to create the home directory: $home."
fi
exit 0
