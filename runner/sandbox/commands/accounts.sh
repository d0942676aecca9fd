# shellcheck shell=sh disable=SC2034,SC2154
# What useradd, usermod, userdel and groupadd share: sourced by them, under any POSIX shell.
# The caller sets command (its name) and calls begin first.

# Exit statuses of the Solaris commands.
EX_NO_PERM=1 EX_SYNTAX=2 EX_BADARG=3 EX_ID_EXISTS=4 EX_NAME_NOT_EXIST=6 EX_BUSY=8 EX_NAME_EXISTS=9
EX_UPDATE=10 EX_HOMEDIR=12

# fail STATUS TEXT
fail() {
  printf 'UX: %s: ERROR: %s\n' "$command" "$2" >&2
  exit "$1"
}

warn() {
  printf 'UX: %s: WARNING: %s\n' "$command" "$1" >&2
}

# Only root may, and one at a time: the lock is let go with the process.
begin() {
  [ "$(id -u)" -eq 0 ] || fail "$EX_NO_PERM" 'Permission denied.'
  exec 9>>/etc/.accounts.lock
  # ksh93 gives a program only the descriptors that are named.
  flock 9 9>&9
}

# field DATABASE KEY-FIELD KEY FIELD: a field of the first row whose key is that; status 1 without such a row.
field() {
  key=$3 awk -F: -v at="$2" -v want="$4" '$at "" == ENVIRON["key"] "" { print $want; found = 1; exit } END { exit !found }' \
    "/etc/$1"
}

has_name() { field "$1" 1 "$2" 1 >/dev/null; }
has_number() { field "$1" 3 "$2" 1 >/dev/null; }

is_number() {
  case $1 in
    '' | *[!0-9]*) return 1 ;;
    *) return 0 ;;
  esac
}

# check_name NAME KIND
check_name() {
  case $1 in
    [!A-Za-z]* | *[!A-Za-z0-9._-]* | '') fail "$EX_BADARG" "$1 is not a valid $2.  Choose another." ;;
  esac
  [ ${#1} -le 32 ] || fail "$EX_BADARG" "$1 is too long.  Choose another."
}

# check_id ID KIND
check_id() {
  is_number "$1" || fail "$EX_BADARG" "$1 is not a valid $2.  Choose another."
  if [ ${#1} -gt 10 ] || [ "$1" -gt 2147483647 ]; then
    fail "$EX_BADARG" "${2%% *} $1 is too big.  Choose another."
  fi
}

# next_number DATABASE: above the highest of the ordinary ones.
next_number() {
  awk -F: '$3 >= 100 && $3 < 60000 && $3 > top { top = $3 } END { print (top ? top + 1 : 100) }' "/etc/$1"
}

# group_number NAME-OR-NUMBER, or the end
group_number() {
  field group 1 "$1" 3 || { is_number "$1" && field group 3 "$1" 3; } ||
    fail "$EX_NAME_NOT_EXIST" "group $1 does not exist.  Choose another."
}

# check_text TEXT KIND: what would break a line of the password file.
check_text() {
  case $1 in
    *:* | *'
'*) fail "$EX_BADARG" "$1 is not a valid $2.  Choose another." ;;
  esac
}

check_shell() {
  case $1 in
    /*) if [ ! -x "$1" ] || [ -d "$1" ]; then fail "$EX_BADARG" "$1 is not a valid shell.  Choose another."; fi ;;
    *) fail "$EX_BADARG" "$1 is not a full path name.  Choose another." ;;
  esac
  check_text "$1" shell
}

check_folder() {
  case $1 in
    /*) check_text "$1" directory ;;
    *) fail "$EX_BADARG" "$1 is not a full path name.  Choose another." ;;
  esac
}

# replace DATABASE: the end of a pipeline, to be followed by "|| exit": standard input becomes the file, whole or not at all, with the mode that the file had.
replace() {
  { cp -p "/etc/$1" "/etc/$1.new" && cat >"/etc/$1.new" && mv "/etc/$1.new" "/etc/$1"; } ||
    fail "$EX_UPDATE" 'Cannot update system files - login cannot be changed.'
}

# append DATABASE LINE
append() {
  { cat "/etc/$1" && printf '%s\n' "$2"; } | replace "$1" || exit
}

# set_groups LOGIN COMMA-LIST: makes the login a member of exactly these groups (names or numbers).
set_groups() {
  login=$1 list=$2 awk -F: '
    BEGIN { OFS = ":"; n = split(ENVIRON["list"], names, ","); for (i = 1; i <= n; i++) wanted[names[i]] = 1 }
    {
      out = ""; n = split($4, members, ",")
      for (i = 1; i <= n; i++) if (members[i] != ENVIRON["login"]) out = out (out == "" ? "" : ",") members[i]
      if (($1 in wanted) || ($3 in wanted)) out = out (out == "" ? "" : ",") ENVIRON["login"]
      $4 = out; print
    }' /etc/group | replace group || exit
}

# check_groups COMMA-LIST
check_groups() {
  rest=$1,
  while [ -n "$rest" ]; do
    group_number "${rest%%,*}" >/dev/null || exit $?
    rest=${rest#*,}
  done
}

# is_busy UID: whether a process of that account runs.
is_busy() {
  for status in /proc/[0-9]*/status; do
    [ "$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "$status" 2>/dev/null)" != "$1" ] || return 0
  done
  return 1
}
