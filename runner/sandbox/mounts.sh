#!/bin/sh
# Makes the world of a sandbox out of its folder, and becomes the process that keeps the world's mounts.
# Runs in the sandbox's namespaces under any POSIX shell, started by worldMounts.ts: mounts.sh STATE one|many
# (one: only root's number exists in the user namespace; many: real root). Prints "ready" and stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
numbers=$2

mount --bind root root
cd root

# The machine's programs and libraries under our own commands; without an upper folder nobody can write there.
for folder in usr bin sbin lib lib32 lib64 libx32; do
  if [ -d "/$folder" ] && [ ! -L "/$folder" ]; then
    mount -t overlay -o "ro,lowerdir=../overlay/$folder:/$folder" overlay "$folder"
  fi
done

mount -t proc proc proc
mount -t tmpfs -o mode=755,size=1m dev dev
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

# What the machine's programs need of its /etc. Under one number they cannot be written anyway, and a remount would
# have to repeat the flags that the user namespace locked.
read_only() {
  [ "$numbers" = one ] || mount -o remount,bind,ro "$1"
}
for folder in alternatives ssl perl; do
  if [ -d "/etc/$folder" ]; then
    mount --bind "/etc/$folder" "etc/$folder"
    read_only "etc/$folder"
  fi
done
if [ "$numbers" = many ]; then
  mount --bind proc/sys proc/sys
  read_only proc/sys
  [ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
fi

exec unshare --mount -- /bin/sh "$here/enter.sh"
