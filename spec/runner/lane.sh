#!/bin/sh
# lane.sh DIRECTORY NETWORK COMMAND...: pid 1 of a lane, in fresh mount, pid and ipc namespaces, and
# where NETWORK is "own" in a fresh network namespace: there it sees no network but the loopback and the
# beds that its specs put up. The lane has its own /tmp, /run and /dev/shm, and what is written to its
# home stays in it: so lanes do not meet in names of files, locks or ports, and the machine has nothing of
# them afterwards. The clone, from which it is started, is the machine's.
set -eu
directory=$1 network=$2 clone=$PWD
shift 2
exec 8<"$clone"
mkdir -p "$directory/tmp" "$directory/home" "$directory/cgroup"
chmod 1777 "$directory/tmp"

mount -t proc proc /proc
if [ "$network" = own ]; then
  # A sysfs shows the network namespace that it was mounted in.
  mount --rbind /sys/fs/cgroup "$directory/cgroup"
  mount -t sysfs sysfs /sys
  mount --rbind "$directory/cgroup" /sys/fs/cgroup
  umount -R -l "$directory/cgroup"
  ip link set lo up
fi

mount -t tmpfs tmpfs "$directory/home"
mkdir "$directory/home/upper" "$directory/home/work"
mount -t overlay overlay "$HOME" \
  -o "lowerdir=$HOME,upperdir=$directory/home/upper,workdir=$directory/home/work"
mount --rbind "$directory/tmp" /tmp
# By descriptor, since its name leads into what now lies over it.
case $clone in "$HOME"/* | /tmp/*)
  mkdir -p "$clone"
  mount --no-canonicalize --rbind /proc/self/fd/8 "$clone"
  ;;
esac
exec 8<&-
cd "$clone"

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd /run/user
mkdir -m 1777 /run/lock
mount -t tmpfs -o mode=1777 tmpfs /dev/shm

# This shell stays, for somebody has to reap what the specs' processes leave behind.
"$@" &
wait $!
