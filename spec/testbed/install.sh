#!/bin/sh
# install.sh PACKAGE...: installs Debian packages on this machine and starts none of their services: an
# SSH server, which specs start by themselves, is not for others. Only one at once may run.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
mark='# made by spec/testbed/install.sh'

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM
# One of ours was left by a run that was killed.
if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then
  trap 'rm -f "$log" "$policy"' EXIT
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi

# To a file, since whoever started this may be killed, and dpkg is not to end with it. Whatever else
# installs on this machine at this moment may take its time.
quietly() {
  "$@" -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
  }
}
quietly apt-get update
quietly apt-get install --yes --no-install-recommends "$@"
