#!/bin/sh
# pfexec COMMAND [ARGUMENT...]: runs it with the rights of the caller's profiles in /etc/user_attr, which here are
# root's or none. Without a profile the command runs as the caller, without a word. Any POSIX shell.
if [ $# -eq 0 ]; then
  echo 'pfexec [-P privset] cmd [arg ..]' >&2
  exit 1
fi
[ "$(id -u)" -ne 0 ] || exec "$@"
profiles=$(sed -n "s/^$(id -un):.*profiles=\([^;]*\).*/\1/p" /etc/user_attr)
case ",$profiles," in
  *',Primary Administrator,'* | *,All,*)
    become=/usr/lib/sandbox/root/setpriv
    [ ! -x "$become" ] || exec "$become" --reuid=0 --regid=0 --clear-groups "$@"
    exec unshare --user --map-root-user -- "$@"
    ;;
  *) exec "$@" ;;
esac
