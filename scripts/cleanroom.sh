#!/bin/bash
# cleanroom.sh: the parts of `npm run cleanroom` that are a shell's business.
#
#   build TREE                      makes a minimal Debian with what the README asks for, and no more
#   enter ROOM ACCOUNT COMMAND...   runs the commands in a clone there, and lists what they leave
set -euo pipefail

# What has changed since dpkg last ran was changed by somebody else.
last_run=/var/lib/dpkg/last-run

build() {
  local tree=$1 new=$1.new node prefix file
  . /etc/os-release
  rm -rf --one-file-system "$new"
  local sources=()
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    [ ! -s "$file" ] || sources+=("$file")
  done
  # With the authorities of the machine: its package sources may be encrypted.
  mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
    --include=python3,make,g++,ca-certificates "$VERSION_CODENAME" "$new" "${sources[@]}"

  # Lent by the machine: Node, npm and their settings, the package sources, and names of the network.
  node=$(readlink -f "$(command -v node)") prefix=$(dirname "$(dirname "$node")")
  mkdir -p "$new"/usr/{bin,lib/node_modules,include,etc}
  cp "$node" "$new/usr/bin/node"
  cp -a "$(npm root --global)/npm" "$new/usr/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$new/usr/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$new/usr/bin/npx"
  [ ! -d "$prefix/include/node" ] || cp -a "$prefix/include/node" "$new/usr/include/"
  file=$(npm config get globalconfig)
  [ ! -e "$file" ] || cp "$file" "$new/usr/etc/npmrc"
  cp -L /etc/ssl/certs/ca-certificates.crt "$new/etc/ssl/certs/"
  cp -a /etc/apt/sources.list* "$new/etc/apt/"
  for file in /usr/share/keyrings /etc/apt/keyrings /etc/apt/trusted.gpg.d; do
    [ ! -d "$file" ] || { mkdir -p "$new$file" && cp -a "$file/." "$new$file/"; }
  done

  chroot "$new" useradd --create-home --shell /bin/bash person
  for file in root home/person; do
    [ ! -e "$(npm config get userconfig)" ] || cp "$(npm config get userconfig)" "$new/$file/.npmrc"
  done
  chroot "$new" chown -R person: /home/person
  echo "DPkg::Post-Invoke { \"touch $last_run\"; };" >"$new/etc/apt/apt.conf.d/99cleanroom"
  mv "$new" "$tree"
}

enter() { # becomes pid 1 of the room's namespaces, which end with it
  local room=$1
  shift
  mount --rbind "$room" "$room"
  cd "$room"
  cp -L /etc/resolv.conf /etc/hosts etc/
  mount -t proc proc proc
  mount --rbind /sys sys
  mount --rbind /dev dev
  mount -t tmpfs -o mode=1777 tmpfs dev/shm
  mkdir -p old
  pivot_root . old
  umount -l old
  rmdir old
  cd /
  inside "$@"
}

inside() { # ACCOUNT COMMAND...
  local account=$1 home command failed=0
  shift
  home=$(getent passwd "$account" | cut -d: -f6)
  local clone=$home/consfigurator
  for command in "$@"; do
    MOUNTS=$(mounts) LINKS=$(ls /sys/class/net)
    touch "$last_run"
    echo "clean room: $account: $command"
    local ended=passed left
    as "$account" "$home" "$clone" "$command" || ended=FAILED
    # What was told to end may take a moment.
    sleep 1
    left=$(left_behind "$home" "$clone")
    echo "clean room: $account: $command: $ended; left behind: ${left:-nothing}"
    [ "$ended$left" = passed ] || failed=1
  done
  return "$failed"
}

as() { # ACCOUNT HOME DIRECTORY COMMAND: with nothing of the machine's but what it lends
  local lent
  mapfile -t lent < <(env | grep -iE '^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|(https?|no)_proxy)=')
  setpriv --reuid "$1" --regid "$1" --init-groups env -i -C "$3" "${lent[@]}" HOME="$2" USER="$1" \
    LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c "$4" </dev/null
}

left_behind() { # HOME CLONE: a line each
  local directory pid words
  for directory in /proc/[0-9]*; do
    pid=${directory#/proc/}
    words=$(tr '\0' ' ' 2>/dev/null <"$directory/cmdline") || continue
    # This shell is number 1, and a copy of it runs these lines.
    [ "$pid" = 1 ] || [ "$pid" = "$BASHPID" ] || [ -z "$words" ] || echo "process $pid: $words"
  done
  comm -13 <(echo "$MOUNTS") <(mounts) | sed 's/^/mount /'
  comm -13 <(echo "$LINKS") <(ls /sys/class/net) | sed 's/^/network link /'
  # What npm, apt and Python keep is theirs; a directory changes with its entries.
  find / /dev/shm -xdev \( -path "$2" -o -path "$1/.npm" -o -path /var/lib/apt -o -path /var/cache/apt \
    -o -name __pycache__ \) -prune -o ! -type d -newercm "$last_run" ! -path "$last_run" \
    -printf 'file %p\n'
}

mounts() {
  cut -d' ' -f5 /proc/self/mountinfo | sort
}

"$@"
