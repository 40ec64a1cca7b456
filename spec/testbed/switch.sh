#!/bin/bash
# switch.sh: pid 1 of a bed's pid namespace and owner of the network namespace in which the cables
# of all hosts meet. Takes commands on standard input, answers each with a line "ok" or
# "failed ...", and ends at end of file, which takes every process of the bed along.
#
#   start INIT COUNT NAME...   boots hosts (INIT: plain or systemd; COUNT: hosts in the bed)
#   stop NAME...               ends hosts and waits until all their processes are gone
#   delay MICROSECONDS         one-way delay between the machine and the hosts
#
# Descriptor 8 is the machine's network namespace, 7 that of the switch.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec 7</proc/self/ns/net
mount -t proc proc "$BED_WORK/proc"
declare -A job

on_machine() { nsenter --net=/proc/self/fd/8 "$@"; }

# The name of the link claims the network: creating it twice fails. 198.18.0.0/15 is reserved for
# the testing of network devices, so no real host is hidden by it.
plug_into_machine() {
  local n net link
  for _ in {1..100}; do
    n=$((RANDOM % 512)) net=198.$((18 + n / 256)).$((n % 256)) link=csbed$n
    on_machine ip -4 route show match "$net.1" | grep -qv '^default' && continue
    ip link add uplink type veth peer name "$link" netns /proc/self/fd/8 2>/dev/null || continue
    on_machine ip link set "$link" addrgenmode none up
    on_machine ip addr add "$net.254/24" dev "$link"
    echo "$link $(on_machine ip -o link show "$link" | cut -d: -f1)" >"$BED_WORK/link"
    export BED_NET=$net
    return
  done
  return 1
}

start() {
  local init=$1 count=$2 name
  shift 2
  for name; do
    mkdir -p "$BED_WORK/hosts/$name"
    (
      if [ "$init" = systemd ]; then
        mkdir "$BED_WORK/cgroup/${BED_DIR##*/}-$name"
        echo 0 >"$BED_WORK/cgroup/${BED_DIR##*/}-$name/cgroup.procs"
      fi
      exec unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child=KILL \
        bash "$here/host.sh" "$name" "$count" "$init"
    ) </dev/null >>"$BED_DIR/$name.log" 2>&1 &
    job[$name]=$!
  done
}

stop() {
  local name task children
  for name; do
    rm -f "$BED_DIR/$name.pid"
    # A pid namespace's first process is reaped only after all others, so it is the one to wait for.
    task=$BED_WORK/proc/${job[$name]}/task/${job[$name]}
    children=$(cat "$task/children" 2>/dev/null) || continue
    kill -KILL $children
  done
  for name; do
    wait "${job[$name]}"
    ip link del "v-$name" 2>/dev/null
    find "$BED_WORK/cgroup/${BED_DIR##*/}-$name" -depth -type d -exec rmdir {} + 2>/dev/null
  done
  return 0
}

# Without delay the uplink is a port of the hosts' bridge; otherwise it has a bridge of its own,
# joined to theirs by the delay line. Addresses never move, so connections survive a change.
delay() {
  local answer
  if [ "$1" = 0 ]; then
    ip link set uplink master hosts
    [ -z "${line_PID:-}" ] || ip link set far down
    return
  fi
  if [ -z "${line_PID:-}" ]; then
    coproc line { exec "$BED_DELAY_LINE" near far; }
    read -r answer <&"${line[0]}" || return 1
    ip link set near master line up
    ip link set far master hosts
  fi
  echo "$1" >&"${line[1]}"
  read -r answer <&"${line[0]}" || return 1
  ip link set far up
  ip link set uplink master line
}

ip link set lo up
ip link add hosts type bridge
ip link add line type bridge
ip link set hosts up
ip link set line up
plug_into_machine || { echo "failed: no free network in 198.18.0.0/15"; exit 1; }
ip link set uplink master hosts up
echo "ready $BED_DIR $BED_NET"

while read -r verb arguments; do
  if "$verb" $arguments; then echo ok; else echo "failed: $verb $arguments"; fi
done
