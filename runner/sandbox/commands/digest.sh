#!/bin/sh
# digest -l | [-v] -a ALGORITHM [FILE...]: message digests in the format of Solaris. Runs under any POSIX shell.
# One file: the digest alone. Several: "(FILE) = DIGEST". -v puts the algorithm in front.
usage() {
  printf '%s\n' 'Usage:' '  digest -l | [-v] -a <algorithm> [file...]' >&2
  exit 2
}

verbose='' algorithm='' list=''
while getopts :va:l option; do
  case $option in
    v) verbose=yes ;;
    a) algorithm=$OPTARG ;;
    l) list=yes ;;
    *) usage ;;
  esac
done
[ -n "$algorithm$list" ] || usage
if [ -n "$list" ]; then
  [ $# -le 1 ] || usage
  printf '%s\n' sha1 md5 sha256 sha384 sha512
  exit 0
fi
shift $((OPTIND - 1))

case $algorithm in
  md5 | sha1 | sha256 | sha384 | sha512) sum=${algorithm}sum ;;
  *)
    printf 'digest: unknown algorithm -- %s\n' "$algorithm" >&2
    exit 1
    ;;
esac

# Standard input has no name to show.
if [ $# -eq 0 ]; then
  line=$("$sum") || exit 1
  [ -z "$verbose" ] || printf '%s ' "$algorithm"
  printf '%s\n' "${line%% *}"
  exit 0
fi

count=$# status=0
for file do
  if ! line=$("$sum" 2>/dev/null <"$file"); then
    printf 'digest: can not open input file %s\n' "$file" >&2
    status=1
    continue
  fi
  [ -z "$verbose" ] || printf '%s ' "$algorithm"
  [ -z "$verbose" ] && [ "$count" -eq 1 ] || printf '(%s) = ' "$file"
  printf '%s\n' "${line%% *}"
done
exit "$status"
