#!/bin/bash
# host.sh NAME COUNT INIT: becomes pid 1 of a host. Runs in the host's fresh namespaces; makes its
# root (an overlay over the base), its cable to the switch, and its identity.
set -euo pipefail
name=$1 count=$2 init=$3 index=$((10#${1#h}))
# As the machine numbers it, because /proc is still the machine's here.
read -r pid _ </proc/self/stat
# Only comes to pass if the last line does not.
trap 'touch "$BED_DIR/$name.failed"' EXIT

key=$BED_DIR/keys/$name
[ -e "$key" ] || ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$key"

hostname "$name"
# The address of the device stays the same after a reset, or the machine would go on using
# the old one until its neighbour table forgets.
mac=02:00:00:00:00:$(printf %02x "$index")
ip -batch - <<END
link set lo up
link add eth0 address $mac type veth peer name v-$name netns /proc/self/fd/7
link set eth0 addrgenmode none up
addr add $BED_NET.$index/24 dev eth0
END
nsenter --net=/proc/self/fd/7 ip link set "v-$name" master hosts addrgenmode none up

top=$BED_WORK/hosts/$name
mount -t tmpfs -o mode=755 tmpfs "$top"
mkdir "$top"/{upper,work,root}
mount -t overlay -o "lowerdir=$BED_BASE,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
cd "$top/root"

install -m 600 "$key" etc/ssh/ssh_host_ed25519_key
install -m 644 "$key.pub" etc/ssh/ssh_host_ed25519_key.pub
# These files exist in the base with the right owner and mode.
for home in root home/{admin,alice,noisy}; do
  cat "$BED_DIR/keys/id.pub" >"$home/.ssh/authorized_keys"
done
echo "$name" >etc/hostname
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
{
  printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$name"
  for ((i = 1; i <= count; i++)); do printf '%s\th%02d\n' "$BED_NET.$i" "$i"; done
} >etc/hosts
: >etc/resolv.conf

mount -t proc proc proc
# The kernel is shared: its settings outside the host's namespaces are not the host's to change.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,ro,bind proc/sys
if [ -e proc/sysrq-trigger ]; then mount --bind -o ro proc/sysrq-trigger proc/sysrq-trigger; fi
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
  set -- $node
  mknod -m 666 "dev/$1" c "$2" "$3"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for fd in "0 stdin" "1 stdout" "2 stderr"; do ln -s "/proc/self/fd/${fd% *}" "dev/${fd#* }"; done
mount -t tmpfs -o mode=755 tmpfs run
mkdir run/sshd
mkdir -m 1777 run/lock

case $init in
  systemd)
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    command=(/sbin/init) ;;
  plain)
    # Packages start their services only in a known runlevel: a record for "2, before that none".
    { printf '\001\000\000\0002N'; head -c 392 /dev/zero; } >run/utmp
    # sshd is not pid 1, so that the host survives its restart.
    command=(/usr/bin/tini -- /bin/sh -c '/usr/sbin/sshd && exec sleep infinity') ;;
esac

exec 7<&- 8<&-
echo "$pid" >"$BED_DIR/$name.pid.new"
mv "$BED_DIR/$name.pid.new" "$BED_DIR/$name.pid"
pivot_root . .
umount -l .
cd /
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=testbed \
  setpriv --bounding-set -sys_time,-sys_module "${command[@]}"
