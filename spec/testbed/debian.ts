/**
 * All that the specs, the test bed and the benches need from Debian: named here, installed here, and
 * nowhere else.
 */
import { spawnSync } from "node:child_process";
import { script } from "./base.js";
import { hasCommand, testbedUnavailable } from "./machine.js";

/** What is installed, and the programs of each package that specs start. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  acl: ["getfacl", "setfacl"],
  age: ["age", "age-keygen"],
  "ansible-core": ["ansible-inventory"],
  "busybox-static": ["busybox"],
  curl: ["curl"],
  git: ["git"],
  gnupg: ["gpg", "gpgconf"],
  iproute2: ["ip"],
  mmdebstrap: ["mmdebstrap"],
  "openssh-client": ["ssh", "ssh-add", "ssh-agent", "ssh-keygen", "ssh-keyscan"],
  "openssh-server": ["sshd"],
  pass: ["pass"],
  procps: ["ps", "pgrep", "pkill"],
  strace: ["strace"],
  "systemd-container": ["systemd-nspawn"],
  wget: ["wget"],
  yash: ["yash"],
};

/** What the README asks for, and the programs of it that specs start. */
export const promised: Readonly<Record<string, readonly string[]>> = {
  "g++": ["g++"],
  gcc: ["cc"],
  make: ["make"],
  python3: ["python3"],
};

/** What every Debian has, and the programs of it that specs start. */
export const minimal: Readonly<Record<string, readonly string[]>> = {
  apt: ["apt-get"],
  bash: ["bash"],
  bsdutils: ["script"],
  coreutils: [
    ...["cat", "chown", "chroot", "cp", "dd", "echo", "env", "false", "id", "mkfifo"],
    ...["sleep", "stty", "true"],
  ],
  dash: ["dash", "sh"],
  grep: ["grep"],
  hostname: ["hostname"],
  mount: ["mount", "umount"],
  tar: ["tar"],
  "util-linux": ["flock", "nsenter", "prlimit", "setpriv", "setsid", "unshare"],
};

/** Packages that hosts of the test bed, which have no network, are offered. They are downloaded beforehand. */
export const offered: readonly (readonly string[])[] = [["nginx"]];

/** All that is named above is on this machine, if it is a Debian and this is uid 0. */
export function installPackages(): void {
  if (testbedUnavailable()) return;
  const missing = Object.entries(packages)
    .filter(([, programs]) => !programs.every(hasCommand))
    .map(([name]) => name);
  if (missing.length === 0) return;
  console.error(`installing Debian packages: ${missing.join(", ")} …`);
  // Two at once would take each other's policy away.
  const words = ["--close", "/usr/sbin", "sh", script("install.sh"), ...missing];
  const { status, signal, stderr } = spawnSync("flock", words, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`Debian packages are not installed (${signal ?? status}):\n${stderr}`);
}
