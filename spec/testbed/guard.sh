#!/bin/bash
# guard.sh TMP CACHE BASE DELAY_LINE: the outermost process of a bed, in a mount namespace of its
# own. Everything else of the bed lives below it in namespaces that end with switch.sh, which ends
# when its standard input does; the guard then removes the few things which namespaces do not.
set -euo pipefail
tmp=$1 cache=$2
export BED_BASE=$3 BED_DELAY_LINE=$4
here=$(cd "$(dirname "$0")" && pwd)

remove_cgroups() { # BED_ID: what systemd hosts made in the machine's cgroup tree
  local top
  for top in "$BED_WORK"/cgroup/"$1"-*; do
    [ ! -d "$top" ] || find "$top" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

finish() {
  local link index
  # A network namespace dies some time after its last process, so its cable is pulled by hand. The
  # index tells our link from one of the same name that another bed has made meanwhile.
  if read -r link index 2>/dev/null <"$BED_WORK/link" &&
    [ "$(cat "/sys/class/net/$link/ifindex" 2>/dev/null)" = "$index" ]; then
    ip link del dev "$link" 2>/dev/null || true
  fi
  remove_cgroups "$(basename "$BED_DIR")"
  umount -R -l "$BED_WORK" 2>/dev/null || true
  rm -rf --one-file-system "$BED_DIR"
}

# The lock on the cache keeps two starting beds from sweeping each other's directory between its
# making and its locking.
exec 6<"$cache"
flock 6
stale=()
for old in "$tmp"/consfig-testbed-*; do
  [ -d "$old" ] && flock -n "$old" rm -rf --one-file-system "$old" && stale+=("$(basename "$old")")
done
BED_DIR=$(mktemp -d "$tmp/consfig-testbed-XXXXXX")
exec 9<"$BED_DIR"
flock 9
exec 6<&-
export BED_DIR BED_WORK=$BED_DIR/work
trap finish EXIT
# A handler rather than "ignore", which the hosts would inherit.
trap : HUP INT TERM

exec 6<"$BED_BASE"
flock -s 6
mkdir "$BED_WORK" "$BED_DIR/keys"
mount -t tmpfs -o mode=755 tmpfs "$BED_WORK"
mkdir "$BED_WORK"/{cgroup,proc,hosts}
mount -t cgroup2 cgroup2 "$BED_WORK/cgroup" 2>/dev/null || true
for id in "${stale[@]}"; do remove_cgroups "$id"; done
ssh-keygen -q -t ed25519 -N '' -C testbed -f "$BED_DIR/keys/id"

exec 8</proc/self/ns/net
setpriv --pdeathsig KILL \
  unshare --net --pid --fork --kill-child=KILL bash "$here/switch.sh" 6<&- 9<&- || true
