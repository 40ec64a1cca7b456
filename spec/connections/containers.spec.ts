/**
 * Hops into containers. There is no daemon here to ask for one: a stand-in program tells the number
 * of a real process in namespaces of its own.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { docker } from "../../connections/docker.js";
import { local } from "../../connections/local.js";
import { lxc } from "../../connections/lxc.js";
import { machined } from "../../connections/machined.js";
import { nsenter } from "../../connections/nsenter.js";
import { podman } from "../../connections/podman.js";
import { setuid } from "../../connections/setuid.js";
import { hopTypeOf } from "../../engine/hop.js";
import { type Chain, deployThese, type Hop, HopFailed, host, isError } from "../../engine/index.js";
import { evalInGrandchild, evaluateForm, form } from "../../zygote/index.js";
import { testbedUnavailable } from "../testbed/index.js";
import { hasCommand } from "../testbed/machine.js";
import { scenario } from "../zygote/scenario.js";
import { busyboxTree, Leader, ran, removeTree, said, standIns } from "./helpers/trees.js";

const word = z.union([z.string(), z.number(), z.record(z.string(), z.string())]);

/** Beyond the hop, with that PATH until then. */
const enters = form("containers.enters", {
  args: z.tuple([z.string(), z.string(), z.array(word)]),
  evaluate: (path, hop, args) => {
    process.env.PATH = path;
    const enter = hopTypeOf(hop).enter?.(...args);
    assert.ok(enter);
    return evaluateForm(enter);
  },
});
const look = form("containers.look", {
  args: z.tuple([]),
  evaluate: () => `${os.hostname()} ${process.env.INSIDE} ${readdirSync("/")}`,
});

const seen = "echo $(uname -n) $INSIDE $(ls / | tr '\\n' ,)";

async function byShell(chain: Chain): Promise<string> {
  said.length = 0;
  const report = await deployThese(chain, host("c.example"), [ran(seen)]);
  if (report.error) throw report.error;
  return (said[0] ?? "").replace(/,$/, "");
}

async function byForm({ hop, args }: Hop): Promise<unknown> {
  const prerequest = enters(process.env.PATH ?? "", hop, args as string[]);
  const { value, error } = await evalInGrandchild(prerequest, look());
  if (error) throw new Error(error.message);
  return value;
}

/** The program prints what the file `pid` beside it says, if called with exactly these arguments. */
const tells = (args: string) =>
  `[ "$*" = "${args}" ] || { echo "no such container" >&2; exit 1; }; cat "\${0%/*}/pid"`;

await scenario(import.meta.url, testbedUnavailable() ? [] : ["forked"], {
  "a stand-in for docker, podman, lxc-info and machinectl tells the process": async () => {
    const { PATH } = process.env;
    const tree = await busyboxTree({ proc: {}, dev: {} });
    execFileSync("cp", ["-a", "/dev/null", `${tree}/dev`]);
    const options = ["-Umuinpr", "--mount-proc=/proc", "chroot", tree];
    const leader = await Leader.start(options, ["INSIDE=yes"]);
    const inspect = tells("inspect --type=container --format={{.State.Pid}} web");
    const programs = standIns({
      docker: inspect,
      podman: inspect,
      "lxc-info": tells("--name=web --pid --no-humanize"),
      machinectl: tells("show --property=Leader --value web"),
    });
    const file = `${programs}/pid`;
    process.env.PATH = `${programs}:${PATH}`;
    try {
      writeFileSync(file, `${leader.pid}\n`);
      const all = [docker("web"), podman("web"), lxc("web"), machined("web"), nsenter(leader.pid)];
      const found = `${os.hostname()} yes bin,dev,proc`;
      for (const hop of all) {
        assert.equal(await byShell([local(), hop]), found, hop.hop);
        assert.equal(await byForm(hop), found, hop.hop);
      }
      // What the owner says is asked for as the owner.
      const ofOwner = lxc("web", { owner: "nobody" });
      assert.equal(await byShell([local(), ofOwner]), found);
      assert.equal(await byForm(ofOwner), found);
      writeFileSync(file, `${process.pid}\n`);
      await assert.rejects(byForm(ofOwner), /process \d+ is in no user namespace of its own/);
      await assert.rejects(byShell([local(), ofOwner]), isHopFailed);
      for (const [name, says] of [
        ["0", /does not run: 0/],
        ["", /does not run/],
      ] as const) {
        writeFileSync(file, `${name}\n`);
        await assert.rejects(byForm(docker("web")), says);
        await assert.rejects(byShell([local(), docker("web")]), isHopFailed);
      }
      await assert.rejects(byForm(docker("other")), /no such container/);
      await assert.rejects(byShell([local(), docker("other")]), isHopFailed);
    } finally {
      process.env.PATH = PATH;
      await leader.end();
      rmSync(programs, { recursive: true });
      removeTree(tree);
    }
  },
  "programs that are missing": async () => {
    const { PATH } = process.env;
    const only = standIns({});
    for (const name of ["sh", "env", "id", "sed", "tr"])
      symlinkSync(`/bin/${name}`, `${only}/${name}`);
    process.env.PATH = only;
    try {
      await assert.rejects(byForm(podman("web")), /podman is not installed/);
      await assert.rejects(byShell([local(), podman("web")]), (error) => {
        assert.ok(isHopFailed(error));
        assert.match(String(error.facts.output), /^(nsenter|podman): not found$/m);
        return /is not installed/.test(error.hint ?? "");
      });
    } finally {
      process.env.PATH = PATH;
      rmSync(only, { recursive: true });
    }
  },
  "only uid 0 gets into what is not its own": async () => {
    const leader = await Leader.start(["-mn"], []);
    try {
      const chain = [local(), setuid("nobody"), nsenter(leader.pid)];
      await assert.rejects(byShell(chain), isHopFailed);
    } finally {
      await leader.end();
    }
  },
  "a container of systemd-nspawn, where there is that": async () => {
    if (!hasCommand("systemd-nspawn")) return;
    const passwd = "root:x:0:0::/root:/bin/sh\n";
    const tree = await busyboxTree({
      ...Object.fromEntries(
        ["dev", "proc", "run", "sys", "tmp", "usr", "root"].map((at) => [at, {}]),
      ),
      "etc/os-release": "ID=tree\n",
      "etc/passwd": passwd,
    });
    const words = ["--quiet", "--register=no", "--keep-unit", `--directory=${tree}`];
    const container = spawn(
      "systemd-nspawn",
      [...words, "--machine=nspawned", "--setenv=INSIDE=yes", "/bin/sh", "-c", "exec sleep 1000"],
      { stdio: ["ignore", "ignore", "ignore"] },
    );
    try {
      const pid = await leaderOf(container.pid ?? 0);
      assert.match(await byShell([local(), nsenter(pid)]), /^nspawned yes bin,dev,etc/);
      assert.match(String(await byForm(nsenter(pid))), /^nspawned yes bin,dev,etc/);
    } finally {
      const ended = once(container, "exit");
      container.kill("SIGTERM");
      setTimeout(() => container.kill("SIGKILL"), 3000).unref();
      await ended;
      removeTree(tree);
    }
  },
});

function isHopFailed(error: unknown): error is HopFailed {
  return isError(error, HopFailed);
}

/** The first process of the container. */
async function leaderOf(pid: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    await sleep(25);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    for (const child of children.split(" ").filter(Boolean)) {
      if (readFileSync(`/proc/${child}/comm`, "utf8") === "sleep\n") return Number(child);
    }
  }
  throw new Error("the container does not start");
}
