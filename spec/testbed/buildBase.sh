#!/bin/bash
# buildBase.sh TARGET: makes the root which all hosts share, a Debian of the machine's own release
# taken from the machine's own package sources.
set -euo pipefail
. /etc/os-release
target=$1
here=$(cd "$(dirname "$0")" && pwd)
cache=$(dirname "$target")
root=$target.new

mkdir -p "$cache"
exec 9>"$cache/building"
flock 9
[ ! -e "$target" ] || exit 0
# A bed holds a lock on the base it uses.
find "$cache" -maxdepth 1 -name 'base-*' -type d -mtime +7 -exec flock -n {} rm -rf {} \;
rm -rf "$root"

settings=$(mktemp)
trap 'rm -f "$settings"' EXIT
apt-config dump Acquire | grep -E '^Acquire::(https?|Check|Retries|ForceIPv)' >"$settings" || true

packages=openssh-server,sudo,cron,procps,iproute2,acl,busybox,tini,locales,git,ca-certificates
packages+=,systemd,systemd-sysv,dbus,libpam-systemd,dbus-user-session
# Node 26 is linked with this; older ones with nothing that is not there.
packages+=,libatomic1
# Login shells that are no POSIX shells.
packages+=,fish,tcsh
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
  [ ! -s "$file" ] || sources+=("$file")
done
mmdebstrap --quiet --mode=root --variant=minbase --format=directory --aptopt="$settings" \
  --include="$packages" "$VERSION_CODENAME" "$root" "${sources[@]}"

inside() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive "$@"
}

# The hosts have no network; their only package source is a directory.
rm -rf "$root"/etc/apt/{sources.list*,apt.conf.d/99mmdebstrap} "$root"/var/lib/apt/lists/*
mkdir -p "$root/etc/apt/sources.list.d" "$root/opt/repo"
echo 'deb [trusted=yes] file:/opt/repo ./' >"$root/etc/apt/sources.list"
inside bash -s <"$here/buildRepo.sh"
inside apt-get -qq update

inside useradd --create-home --shell /bin/bash admin
inside useradd --create-home --shell /bin/sh --groups sudo alice
inside useradd --create-home --shell /bin/bash noisy
inside chpasswd <<<"alice:$ALICE_PASSWORD"
for user in admin noisy; do
  echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/$user"
  chmod 440 "$root/etc/sudoers.d/$user"
done
for file in .bashrc .profile; do
  printf 'echo "noise of %s on stdout"\necho "noise of %s on stderr" >&2\n' "$file" "$file" \
    >"$root/home/noisy/$file"
done
for user in root admin alice noisy; do
  keys=$(inside sh -c "echo ~$user/.ssh")
  inside install -d -m 700 -o "$user" -g "$user" "$keys"
  inside install -m 600 -o "$user" -g "$user" /dev/null "$keys/authorized_keys"
done

rm -f "$root"/etc/ssh/ssh_host_*
echo 'This host belongs to a test bed.' >"$root/etc/ssh/banner"
printf 'Banner /etc/ssh/banner\nHostKey /etc/ssh/ssh_host_ed25519_key\n' \
  >"$root/etc/ssh/sshd_config.d/testbed.conf"
# Nothing inside is to touch the devices, console or network of the machine.
inside systemctl --quiet mask getty@.service console-getty.service systemd-udevd.service \
  systemd-networkd.service sys-kernel-{config,debug,tracing}.mount apt-daily{,-upgrade}.timer

mv "$root" "$target"
