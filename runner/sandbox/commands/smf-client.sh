#!/bin/sh
# svcs, svcadm, svccfg and svcprop of the sandbox: hands its arguments to the sandbox's SMF and prints the answer.
# Runs under any POSIX shell (dash, ksh93, busybox sh). Reads: its name, its arguments, PWD, SVCCFG_* and, for
# svccfg without a command or with -f -, standard input. The files it shares with the server: smf/server.ts.

name=${0##*/}
folder=${SANDBOX_SMF_ROOT-}/system/volatile/smf

unavailable() {
	case $name in
	svcadm) echo "svcadm: Couldn't bind to configuration repository: repository server unavailable." >&2 ;;
	svcs) echo "svcs: Could not bind to repository server: repository server unavailable.  Exiting." >&2 ;;
	*) echo "$name: Could not connect to configuration repository: repository server unavailable." >&2 ;;
	esac
	exit 1
}

# Whether svccfg takes its commands from standard input: no command at all, or the file "-".
reads_input() {
	script=
	OPTIND=1
	while getopts :vf:s: option; do
		case $option in
		f) script=$OPTARG ;;
		[vs]) ;;
		*) return 1 ;;
		esac
	done
	[ "$script" = - ] || { [ -z "$script" ] && [ "$OPTIND" -gt $# ]; }
}

[ -r "$folder/server" ] || unavailable
read -r server <"$folder/server"
[ -d "/proc/$server" ] || unavailable

umask 077
request=$folder/$$.request
reply=$folder/$$.reply
trap '/usr/bin/rm -f "$request" "$reply"' INT TERM HUP
/usr/bin/mkfifo "$reply" 2>/dev/null || {
	/usr/bin/rm -f "$request" "$reply"
	/usr/bin/mkfifo "$reply" || exit 1
}
printf '%s\000' "$name" "$PWD" "${SVCCFG_NOVALIDATE-}" "${SVCCFG_DTD-}" $# "$@" >"$request"
if [ "$name" = svccfg ] && reads_input "$@"; then
	/usr/bin/cat >>"$request"
fi

# Opened for reading too: a server that went away meanwhile must not make this wait.
echo $$ 1<>"$folder/requests"
exec 3<"$reply"
IFS=' ' read -r status errors lines <&3 || unavailable
while [ "$errors" -gt 0 ] && IFS= read -r line <&3; do
	printf '%s\n' "$line" >&2
	errors=$((errors - 1))
done
if [ "$lines" = - ]; then
	/usr/bin/cat <&3
else
	while [ "$lines" -gt 0 ] && IFS= read -r line <&3; do
		printf '%s\n' "$line"
		lines=$((lines - 1))
	done
fi
exit "$status"
