/** Containers to be entered, and stand-ins for the daemons that would know them. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../../../connections/docker/index.js";
import { lxc } from "../../../connections/lxc/index.js";
import { machined } from "../../../connections/machined/index.js";
import { nsenter } from "../../../connections/nsenter/index.js";
import { podman } from "../../../connections/podman/index.js";
import type { Hop } from "../../../engine/index.js";
import { busyboxTree, Leader, removeTree, standIns } from "./trees.js";

/** What the hop leads to: the name of the system, $INSIDE, and the names in its root directory. */
export type Looks = (hop: Hop) => Promise<unknown>;

/** What the error of a refused way must be. */
export type Refusal = (says: RegExp) => (error: unknown) => boolean;

/** The file `pid` beside the program. */
const pidFile = `"\${0%/*}/pid"`;

/** Shell text for a program called with exactly these arguments. */
const called = (args: string, text: string) => `[ "$*" = "${args}" ] && { ${text}; }`;
const tells = (args: string) => called(args, `cat ${pidFile}; exit`);

/** Runs what follows these arguments where the process of that file is. */
function enters(args: readonly string[], environment: string): string {
  const given = args.map((_, at) => `$${at + 1}`).join(" ");
  const enter = `exec env -i ${environment} nsenter -t "$p" -m -u -i -n -p -U -r -w --`;
  return `p=$(cat ${pidFile}); [ "${given}" = "${args.join(" ")}" ] && {
    [ "\${p:-0}" != 0 ] || { echo "it does not run" >&2; exit 1; }
    shift ${args.length}; PATH=/bin:/usr/bin ${enter} "$@"; }`;
}

const unknown = "echo 'no such container' >&2; exit 1";

/** All ways into a container lead there, and ways into what is none are refused as the `refusal` says. */
export async function standInsTell(looks: Looks, refusal: Refusal): Promise<void> {
  const { PATH } = process.env;
  const tree = busyboxTree({ proc: {}, dev: {} });
  execFileSync("cp", ["-a", "/dev/null", `${tree}/dev`]);
  const options = ["-Umuinpr", "--mount-proc=/proc", "chroot", tree];
  const leader = await Leader.start(options, ["INSIDE=yes"]);
  const inspect = tells("inspect --type=container --format={{.State.Pid}} web");
  const container = [
    inspect,
    enters(["exec", "--interactive", "--user=0", "web"], "INSIDE=yes"),
    unknown,
  ].join("\n");
  const programs = standIns({
    docker: container,
    podman: container,
    "lxc-info": `${tells("--name=web --pid --no-humanize")}\n${unknown}`,
    "lxc-attach": `${enters(["--name=web", "--clear-env", "--"], "INSIDE=yes")}\n${unknown}`,
    machinectl: `${tells("show --property=Leader --value web")}\n${unknown}`,
  });
  const says = (text: string) => writeFileSync(`${programs}/pid`, `${text}\n`);
  process.env.PATH = `${programs}:${PATH}`;
  try {
    says(String(leader.pid));
    const found = `${os.hostname()} yes bin,dev,proc`;
    const ofOwner = lxc("web", { owner: "root" });
    const all = [docker("web"), podman("web"), lxc("web"), ofOwner, machined("web")];
    for (const hop of [...all, nsenter(leader.pid)]) {
      assert.equal(await looks(hop), found, hop.hop);
    }
    // What an owner says may be made up: it leads nowhere where the owner may not go.
    says(String(process.pid));
    const nowhere = /process \d+ is in no user namespace of its own|nsenter: reassociate/;
    await assert.rejects(looks(ofOwner), refusal(nowhere));
    for (const none of ["0", ""]) {
      says(none);
      await assert.rejects(looks(docker("web")), refusal(/it does not run/));
    }
    await assert.rejects(looks(docker("other")), refusal(/no such container/));
  } finally {
    process.env.PATH = PATH;
    await leader.end();
    rmSync(programs, { recursive: true });
    removeTree(tree);
  }
}

/** Does the work where there are no programs but those that every system has. */
export async function withoutPrograms(work: () => Promise<void>): Promise<void> {
  const { PATH } = process.env;
  const only = standIns({});
  for (const name of ["sh", "env", "id", "sed", "tr"])
    symlinkSync(`/bin/${name}`, `${only}/${name}`);
  process.env.PATH = only;
  try {
    await work();
  } finally {
    process.env.PATH = PATH;
    rmSync(only, { recursive: true });
  }
}

/**
 * A container of systemd-nspawn is entered, called `nspawned`, with `INSIDE=yes`: only as one that is
 * trusted, for it has a seccomp filter.
 */
export async function nspawnIsEntered(looks: Looks, refusal: Refusal): Promise<void> {
  const names = ["dev", "proc", "run", "sys", "tmp", "usr", "root"];
  const tree = busyboxTree({
    ...Object.fromEntries(names.map((name) => [name, {}])),
    "etc/os-release": "ID=tree\n",
    "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
  });
  const words = ["--quiet", "--register=no", "--keep-unit", `--directory=${tree}`];
  const container = spawn(
    "systemd-nspawn",
    [...words, "--machine=nspawned", "--setenv=INSIDE=yes", "/bin/sh", "-c", "exec sleep 1000"],
    { stdio: "ignore" },
  );
  try {
    const pid = await leaderOf(container.pid ?? 0);
    await assert.rejects(looks(nsenter(pid)), refusal(/seccomp filter/));
    assert.match(String(await looks(nsenter(pid, { trusted: true }))), /^nspawned yes bin,dev,etc/);
  } finally {
    const ended = once(container, "exit");
    container.kill("SIGTERM");
    setTimeout(() => container.kill("SIGKILL"), 3000).unref();
    await ended;
    removeTree(tree);
  }
}

/** The first process of the container. */
async function leaderOf(pid: number): Promise<number> {
  for (let attempt = 0; attempt < 400; attempt++) {
    await sleep(25);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    for (const child of children.split(" ").filter(Boolean)) {
      if (readFileSync(`/proc/${child}/comm`, "utf8") === "sleep\n") return Number(child);
    }
  }
  throw new Error("the container does not start");
}
