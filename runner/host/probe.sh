#!/bin/sh
# What this host is and has, in one go. Fed to /bin/sh on standard input after six assignments:
#   prefix, work   absolute paths     path   the PATH that builds and services get
#   privilege      of hosts.yaml: auto, none, sudo or pfexec
#   supervisor     of hosts.yaml: auto, smf or daemontools          scan   the folder that svscan watches
# Runs under every shell from the Bourne shell of 1989 on: no $( ), no export A=b, no !, no test -e.
# Prints one fact a line, a word and its value with a tab between, after a line that tells a banner or a noisy
# profile from our output; the probe's last line tells a whole answer from a cut one. damage.sh follows. Changes nothing.
# shellcheck disable=SC2006,SC2154
# What the probe itself needs is in one of these, whatever the path says.
PATH=$path:/usr/bin:/bin:/usr/sbin:/sbin; export PATH
LC_ALL=C; export LC_ALL
unset ENV BASH_ENV

say() {
  printf '%s\t%s\n' "$1" "$2"
}

# The first file of that name on the path. `which` is no help: on old Solaris it prints its failure and succeeds.
set -f
find_tool() {
  IFS=:
  for folder in $path; do
    if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then
      tool=$folder/$1
      IFS=$blanks
      return 0
    fi
  done
  IFS=$blanks
  return 1
}

# The folder itself, or the nearest one above that is there.
nearest() {
  folder=$1
  while [ "$folder" != / ] && [ ! -d "$folder" ]; do
    folder=`dirname "$folder"`
  done
}

blanks=' 	
'
IFS=$blanks

printf '\nbuild-stack-probe 1\n'
say uname "`uname -snrvm`"
say id "`id`"
say date "`date -u '+%Y-%m-%dT%H:%M:%SZ'`"

for name in gcc cc clang c++ g++ gmake make gpatch patch gtar tar gzip bzip2 xz digest sha256sum openssl perl python3 cmake \
  autoreconf automake libtoolize pkg-config \
  ccache distcc git setsid svcs svcadm svccfg svcprop svscan svstat pkg pkgin pkgutil pkg-get pkginfo apt-get sudo pfexec psrinfo \
  nproc prtconf ldd readelf elfdump useradd groupadd getent zonename; do
  if find_tool $name; then
    say tool "$name $tool"
  fi
done

# A POSIX shell for every later script.
for shell in /usr/xpg4/bin/sh /bin/dash /bin/ksh /usr/bin/ksh /bin/bash /usr/bin/bash /bin/sh; do
  if [ -x $shell ]; then
    # shellcheck disable=SC2016
    answer=`$shell -c 'x=$(echo ok) && x=${x#o} && if ! false; then export y=$((1+1)); echo "$x$y"; fi' 2>/dev/null`
    if [ "$answer" = k2 ]; then
      say shell $shell
      break
    fi
  fi
done

if find_tool psrinfo; then
  cpus=`psrinfo | wc -l`
elif find_tool nproc; then
  cpus=`nproc`
else
  cpus=`getconf _NPROCESSORS_ONLN 2>/dev/null`
fi
say cpus "$cpus"

if find_tool gmake || find_tool make; then
  make=`$tool --version 2>/dev/null </dev/null | sed 1q`
  case $make in
  GNU*) say make "$make" ;;
  esac
fi

# What packages of other hosts may need of this one.
if find_tool pvs && [ -f /lib/libc.so.1 ]; then
  say libc "`pvs -dn /lib/libc.so.1 2>/dev/null | tr '\n\t' '  '`"
elif find_tool getconf; then
  say libc "`getconf GNU_LIBC_VERSION 2>/dev/null`"
fi
if find_tool isainfo; then
  say cpu "`isainfo -v 2>/dev/null | tr '\n\t' '  '`"
elif [ -r /proc/cpuinfo ] && [ -f /proc/cpuinfo ]; then
  say cpu "`sed -n '/^flags/{
s/^[^:]*: *//p
q
}' /proc/cpuinfo`"
fi

if [ -r /proc/meminfo ] && [ -f /proc/meminfo ]; then
  say memory "`sed -n 's/^MemTotal: *\([0-9]*\) kB/\1 kB/p' /proc/meminfo`"
elif find_tool prtconf; then
  say memory "`prtconf 2>/dev/null | sed -n 's/^Memory size: \([0-9]*\) Megabytes/\1 MB/p'`"
fi

nearest "$prefix"
prefix_folder=$folder
nearest "$work"
disk=`df -k "$prefix_folder" | sed -n '2,$p' | tr '\n' ' '`
say disk "prefix $disk"
disk=`df -k "$folder" | sed -n '2,$p' | tr '\n' ' '`
say disk "work $disk"
if [ -w "$folder" ]; then
  say writable work
fi
ways=
if [ -w "$prefix_folder" ]; then
  say writable prefix
elif [ "$privilege" = auto ]; then
  # Only then is it worth a question who may write there.
  ways='pfexec sudo'
fi
case $privilege in
pfexec | sudo)
  say forced "$privilege"
  ways=$privilege
  ;;
esac
for way in $ways; do
  # pfexec without a profile just runs the command. -k: a ticket of an earlier login would be gone in the middle of a job.
  if find_tool "$way"; then
    case $way in
    pfexec) say pfexec "`pfexec id 2>/dev/null`" ;;
    # Its last line: a sudo that finds no name for its own host warns before.
    sudo) say sudo "`sudo -n -k id 2>&1 </dev/null | sed -n '$p'`" ;;
    esac
  fi
done

set +f
for receipt in "$prefix"/var/build-stack/receipts/*.json; do
  if [ -f "$receipt" ]; then
    # One line, even of one that somebody edited.
    recipe=`basename "$receipt" .json`
    printf 'receipt\t%s ' "$recipe"
    tr '\n\t' '  ' <"$receipt"
    printf '\n'
  fi
done

for package in "$prefix"/var/build-stack/packages/*.json; do
  if [ -f "$package" ]; then
    package=`basename "$package" .json`
    say package "$package"
  fi
done

for journal in "$prefix"/var/build-stack/journal/*/state; do
  if [ -f "$journal" ]; then
    say journal "$journal"
  fi
done

if [ -f "$work/lock" ]; then
  owner=`tr '\n' ' ' <"$work/lock"`
  say lock "$owner"
fi

for job in "$work"/jobs/*; do
  # Hundreds of jobs have ended: no process for those.
  if [ -f "$job/exit" ]; then
    :
  elif [ -f "$job/pid" ]; then
    pid=`cat "$job/pid"`
    state=ended
    if kill -0 "$pid" 2>/dev/null; then
      # After a restart of the host another process may have the number.
      if [ -r "/proc/$pid/cmdline" ]; then
        words=`tr '\000' ' ' <"/proc/$pid/cmdline"`
      else
        words=`ps -o args= -p "$pid" 2>/dev/null`
      fi
      case $words in
      '' | *job.sh*) state=running ;;
      esac
    fi
    job=`basename "$job"`
    say job "$job $state"
  fi
done

# One fork for all of ours: those below the prefix that svscan sees.
if [ "$supervisor" != smf ] && find_tool svstat; then
  set -- .
  for service in "$prefix"/svc/daemontools/*; do
    service=`basename "$service"`
    if [ -d "$scan/$service/log" ]; then
      set -- "$@" "$scan/$service"
    fi
  done
  shift
  if [ $# -gt 0 ]; then
    svstat "$@" 2>&1 | sed 's/^/svstat	/'
  fi
fi
case $supervisor in
auto) ;;
*) say supervisor "$supervisor" ;;
esac

if [ "$supervisor" != daemontools ] && find_tool svcs; then
  services=`svcs -aH -o state,nstate,stime,fmri 'svc:/application/build-stack/*' 2>/dev/null`
  if [ -n "$services" ]; then
    echo "$services" | sed 's/^/service	/'
  elif [ -z "`svcs -H -o state 2>/dev/null | sed 1q`" ]; then
    # Every host has services of its own: nobody is there who could tell of ours.
    say silent "`svcs -H 2>&1 | sed 1q`"
  fi
fi
