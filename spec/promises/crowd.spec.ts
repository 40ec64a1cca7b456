/** Among many hosts some are slow, dying, lying or gone: the healthy ones do not notice, and all is told. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import type { ServerChannel } from "ssh2";
import { type Ended, Scratch } from "../cli/command.js";
import { Lab, missingServer } from "../connections/ssh/helpers/lab.js";
import { Liar, type LiarOptions } from "../connections/ssh/helpers/liar.js";
import { isWhole } from "../helpers/seed.js";

/** How many of each trouble there are, and nine times as many without any. */
const each = isWhole ? 6 : 2;
const mebibyte = 1024; // in KiB

/** What was asked for, really, at the end of the channel; everything it says comes that much later. */
function shell(channel: ServerChannel, command: string, delayMs = 0): void {
  const child = spawn("sh", ["-c", command], { stdio: "pipe" });
  for (const one of [child.stdin, child.stdout, child.stderr]) one.on("error", () => {});
  child.stdout.on("data", (bytes: Buffer) => setTimeout(() => channel.write(bytes), delayMs));
  child.stderr.on("data", (bytes: Buffer) => channel.stderr.write(bytes));
  channel.pipe(child.stdin);
  channel.on("close", () => child.kill());
  child.on("close", () => channel.close());
}

const garbage = "\u001b]0;x\u0007 Last login: never\nE 0 0\n\0\u00ff".repeat(50);

/** What a server does when a program is asked for. */
const servers: Readonly<Record<string, NonNullable<LiarOptions["onExec"]>>> = {
  healthy: (channel, _id, _protocol, _socket, command) => shell(channel, command),
  slow: (channel, _id, _protocol, _socket, command) => shell(channel, command, 150),
  hanging: (channel, _id, _protocol, _socket, command) => shell(channel, command),
  refusing: (channel, _id, _protocol, _socket, command) => shell(channel, command),
  dying: (channel, _id, _protocol, socket, command) => {
    shell(channel, command);
    setTimeout(() => socket.destroy(), 700);
  },
  lying: (channel) => channel.end(garbage),
  flooding: (channel) => {
    const flood = () => {
      while (channel.writable && channel.write("x".repeat(65_536)));
    };
    channel.on("drain", flood);
    flood();
  },
};

/** What may be told of them in the journal, and by what error. */
const truth: Readonly<Record<string, RegExp>> = {
  healthy: /^ok$/,
  slow: /^ok$/,
  hanging: /^failed E_DEPLOYMENT_TIMEOUT$/,
  refusing: /^unreachable E_AUTH$/,
  dying: /^(failed|unreachable) E_/,
  lying: /^(failed|unreachable) E_/,
  flooding: /^(failed|unreachable) E_/,
  closed: /^unreachable E_UNREACHABLE$/,
  silent: /^unreachable E_/,
};

interface Line {
  readonly type: string;
  readonly host?: string;
  readonly hosts?: readonly { readonly host: string }[];
}

describe("a crowd of hosts", { skip: missingServer() }, () => {
  const lab = new Lab();
  const ends: (() => Promise<void> | void)[] = [() => lab.close()];
  let ended: Ended;
  let names: string[];
  let mostMemory = 0;
  let scratch: Scratch;

  before(async () => {
    scratch = new Scratch({ after: (end) => ends.push(end) });
    const [hostKey, key] = [lab.key(), lab.key()];
    const ports = new Map<string, number>();
    for (const [kind, onExec] of Object.entries(servers)) {
      for (let i = 0; i < (kind === "healthy" ? 9 * each : each); i++) {
        const liar = await Liar.start({ hostKeys: [hostKey], onExec });
        ends.push(() => liar.stop());
        ports.set(`${kind}${i}`, liar.port);
      }
    }
    // Accepts, and says nothing.
    const sockets = new Set<{ destroy(): void }>();
    const silent = createServer((socket) => sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });
    const address = silent.address();
    assert.ok(typeof address === "object" && address);
    for (let i = 0; i < each; i++) ports.set(`silent${i}`, address.port).set(`closed${i}`, 1);
    // Trouble comes first.
    names = [...ports.keys()].toSorted((a, b) => Number(isWell(a)) - Number(isWell(b)));
    const known = [...ports.values()].map(
      (port) => `[127.0.0.1]:${port} ${lab.publicKey(hostKey)}`,
    );
    const configFile = scratch.write(
      "ssh_config",
      [
        ...[...ports].map(([name, port]) => `Host ${name}\n  Port ${port}`),
        "Host !refusing* *",
        `  IdentityFile ${key}`,
        "Host *\n  HostName 127.0.0.1\n  IdentityFile none\n  IdentityAgent none\n  ConnectTimeout 3",
        `  UserKnownHostsFile ${lab.knownHosts(...known)}\n`,
      ].join("\n"),
    );
    scratch.write(
      "consfig.ts",
      `import { host, script } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import * as cmd from "consfigurator/properties/cmd";
const work = [1, 2, 3, 4].map((n) => cmd.single(["sleep", "0." + n]));
export const hosts = ${JSON.stringify(names)}.map((name) =>
  host(name, { deploy: [ssh({ configFile: ${JSON.stringify(configFile)} })] },
    ...(name.startsWith("hanging") ? [cmd.single(["sleep", "1000"])] : work)));
`,
    );
    const words = ["deploy", "--json", "--parallel", "200", "--timeout", "15"];
    const running = scratch.start(words);
    const watch = setInterval(() => {
      const { pid } = running.child;
      if (pid !== undefined) mostMemory = Math.max(mostMemory, peakOf(pid));
    }, 100);
    ended = await running.ended;
    clearInterval(watch);
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const isWell = (name: string) => name.startsWith("healthy");
  const lines = () =>
    ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);

  test("has one true outcome each, wherever it is told", async () => {
    assert.equal(ended.code, 3, ended.stderr);
    const finished = lines().flatMap(({ type, ...about }) =>
      type === "finished" || type === "error" ? about.host : [],
    );
    assert.deepEqual(finished.toSorted(), names.toSorted());
    assert.deepEqual(
      lines()
        .at(-1)
        ?.hosts?.map(({ host }) => host),
      names,
    );
    const { stdout } = await scratch.consfig("report", "--json", "-");
    const { hosts } = JSON.parse(stdout) as {
      hosts: { host: string; state: string; error?: { codes: string[] } }[];
    };
    for (const { host, state, error } of hosts) {
      const told = error ? `${state} ${error.codes[0]}` : state;
      assert.match(told, truth[host.replace(/\d+$/, "")] ?? /never/, host);
    }
  });

  test("is not kept waiting by those that are not well", () => {
    const finished = lines().flatMap(({ type, host }) => (type === "finished" ? (host ?? []) : []));
    const firstLate = finished.findIndex((name) => name.startsWith("hanging"));
    assert.deepEqual(finished.slice(firstLate).filter(isWell), []);
  });

  test("takes little memory, whatever it says", (t) => {
    t.diagnostic(`${mostMemory} KiB`);
    assert.ok(mostMemory > 0 && mostMemory < 500 * mebibyte, `${mostMemory} KiB`);
  });
});

/** The most memory that the process has had, in KiB. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it has ended
  }
}
