/** Trees that somebody else has made, in order to get out of them, and what must come of entering each. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { chroot } from "../../../connections/chroot/index.js";
import { local } from "../../../connections/local/index.js";
import { setuid } from "../../../connections/setuid/index.js";
import { type Chain, deployThese, type Hop, host, posixProperty } from "../../../engine/index.js";
import { draws, isWhole } from "../../helpers/seed.js";
import { touched } from "../../helpers/tree.js";
import { busyboxTree, removeTree } from "./trees.js";

/** Runs shell text, and leaves in `/out` what it printed: the process may be another than the spec's. */
const noted = posixProperty<[text: string]>("hostileTrees.noted", {
  args: z.tuple([z.string()]),
  apply: async (on, text) => {
    await on.run(["sh", "-c", `{ ${text}; } >/out/said 2>&1`]);
    return "changed";
  },
});

/** What the text prints beyond the hops, the last of which lead into the tree. @throws why it is refused */
export async function printsIn(tree: string, hops: readonly Hop[], text: string): Promise<string> {
  const out = path.join(tree, "out");
  mkdirSync(out, { recursive: true });
  chmodSync(out, 0o777);
  rmSync(path.join(out, "said"), { force: true });
  const chain: Chain = [local(), ...hops];
  const report = await deployThese(chain, host("inside.example"), [noted(text)]);
  const error = report.error ?? report.failures[0]?.error;
  if (error) throw error;
  return readFileSync(path.join(out, "said"), "utf8").trim();
}

/** What is beside the tree, and nobody in there may touch. */
interface Outside {
  readonly directory: string;
  /** Shell text that tries to write there, by all that leads out of a root directory. */
  readonly attack: string;
}

/** A tree, and what must come of running something in there as that account. */
interface HostileTree {
  readonly name: string;
  make(tree: string, outside: Outside): void;
  readonly account?: string;
  /** Only one of the account's own numbers, or that it is refused with such words. */
  readonly expects?: { readonly uid?: number; readonly refusal?: RegExp };
}

const first = "root:x:0:0::/root:/bin/sh\n";

/** What the passwd says of `eve`. */
function passwd(name: string, rest: string, uid?: number, group?: string): HostileTree {
  return {
    name,
    account: "eve",
    make: (tree) => {
      write(tree, "etc/passwd", `${first}${rest}\n`);
      if (group !== undefined) write(tree, "etc/group", `root:x:0:\n${group}\n`);
    },
    expects: uid === undefined ? { refusal: /eve|su: |way in/ } : { uid },
  };
}

/** The program in the tree attacks, and then does what follows. */
function program(
  name: string,
  then: string,
  account?: string,
  expects: HostileTree["expects"] = {},
): HostileTree {
  return {
    name: `its own ${name}: ${then}`,
    expects,
    ...(account === undefined ? {} : { account }),
    make: (tree, { attack }) => {
      write(tree, "etc/passwd", `${first}eve:x:1001:1001::/:/bin/sh\n`);
      rmSync(path.join(tree, "bin", name), { force: true });
      write(tree, `bin/${name}`, `#!/bin/busybox sh\n${attack}\n${then}\n`, 0o755);
    },
  };
}

/** A link in the tree, to somewhere outside. */
function link(
  at: string,
  to: (outside: string) => string,
  expects: HostileTree["expects"] = {},
): HostileTree {
  return {
    name: `${at} leads out: ${to("OUTSIDE")}`,
    expects,
    make: (tree, { directory }) => {
      const place = path.join(tree, at);
      rmSync(place, { recursive: true, force: true });
      mkdirSync(path.dirname(place), { recursive: true });
      symlinkSync(to(directory), place);
    },
  };
}

/** The file is made by a command; asking it for an account must end. */
function strange(what: string, file: string, command: readonly string[]): HostileTree {
  return {
    name: `${file} is ${what}`,
    account: "eve",
    make: (tree) => {
      write(tree, "etc/passwd", `${first}eve:x:1001:1001::/:/bin/sh\n`);
      rmSync(path.join(tree, file), { force: true });
      const [name = "", ...words] = command;
      execFileSync(name, words, { cwd: path.join(tree, path.dirname(file)) });
    },
    expects: { uid: 1001, refusal: /plain file|larger|ELOOP|no user eve|su: |way in/ },
  };
}

const hostileTrees: readonly HostileTree[] = [
  program("sh", 'exec busybox sh "$@"'),
  program("getent", "exit 1", "eve", { refusal: /there is no user eve/ }),
  program("getent", "echo eve:x:0x0:0::/:", "eve", { refusal: /makes no sense/ }),
  program("getent", "exec yes eve", "eve", { refusal: /getent passwd root there: / }),
  program("su", 'exec busybox su "$@"', "eve"),
  program("id", 'exec busybox id "$@"'),
  program("setsid", 'exec busybox setsid "$@"'),
  passwd("a sound line", "eve:x:1001:1001::/:/bin/sh", 1001),
  passwd("letters as a number", "eve:x:abc:abc::/:/bin/sh"),
  passwd("no number", "eve:x:::::/bin/sh"),
  passwd("a hexadecimal number", "eve:x:0x0:0x0::/:/bin/sh"),
  passwd("a fraction", "eve:x:0.5:0.5::/:/bin/sh"),
  passwd("a number that wraps", "eve:x:4294967296:4294967296::/:/bin/sh"),
  passwd("the number that changes nothing", "eve:x:4294967295:1001::/:/bin/sh"),
  passwd("a group that changes nothing", "eve:x:1001:4294967295::/:/bin/sh"),
  passwd("a negative number", "eve:x:-1:-1::/:/bin/sh"),
  passwd("a blank before it", "eve:x: 1001:1001::/:/bin/sh"),
  passwd("too few fields", "eve:x:1001"),
  passwd("a senseless group", "eve:x:1001:1001::/:/bin/sh", undefined, "wheel:x:0x0:eve"),
  strange("a FIFO", "etc/passwd", ["mkfifo", "passwd"]),
  strange("endless", "etc/passwd", ["ln", "-s", "/dev/zero", "passwd"]),
  strange("a directory", "etc/passwd", ["mkdir", "passwd"]),
  strange("huge", "etc/passwd", ["sh", "-c", "yes a:x:5:5::/: | head -c 6000000 >passwd"]),
  strange("the machine's", "etc/passwd", ["ln", "-s", "/proc/1/root/etc/passwd", "passwd"]),
  strange("a FIFO", "etc/group", ["mkfifo", "group"]),
  link("proc", (outside) => outside),
  link("run", (outside) => outside),
  // There is no /dev/null then.
  link("dev", (outside) => outside, { refusal: /the connection ended/ }),
  link("etc/resolv.conf", (outside) => `../run/../..${outside}/resolv.conf`),
  link("etc/resolv.conf", (outside) => `/run/a/../../../${outside}/resolv.conf`),
  link("root", (outside) => `/proc/1/root${outside}`),
];

/** All of them where all is run, else some, drawn by the seed. */
export function fewHostileTrees(): readonly HostileTree[] {
  if (isWhole) return hostileTrees;
  const draw = draws();
  const left = [...hostileTrees];
  return Array.from({ length: 6 }, () => left.splice(draw(left.length), 1)).flat();
}

/** Enters the tree: what is in there must keep to it, and the account be the one that is written there. */
export async function entered({ name, make, account, expects = {} }: HostileTree): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "outside-"));
  writeFileSync(path.join(directory, "kept"), "kept");
  const attack = `( for p in /proc/[0-9]*/root /proc/[0-9]*/cwd /proc/self/fd/*; do
    echo x >"$p${directory}/pwned"; rm -f "$p${directory}/kept"; done ) 2>/dev/null`;
  const tree = busyboxTree({ proc: {}, dev: {}, run: {}, tmp: {}, root: {}, "etc/passwd": first });
  make(tree, { directory, attack });
  const options = { directory, view: "", uid: 0, gid: 0 };
  const before = touched(options);
  try {
    const hops = [chroot(tree), ...(account === undefined ? [] : [setuid(account)])];
    const look = `busybox id -u; busybox id -g; ls -l /proc/self/fd; ${attack}; ${limits}`;
    let said: string | undefined;
    try {
      said = await printsIn(tree, hops, look);
    } catch (error) {
      assert.ok(expects.refusal, `${name}: ${error}`);
      const { output } = (error as { facts?: { output?: unknown } }).facts ?? {};
      assert.match(`${error} ${output}`, expects.refusal, name);
    }
    if (said !== undefined) judge(name, said, account, expects.uid);
    assert.deepEqual(touched(options), before, name);
  } finally {
    removeTree(tree);
    rmSync(directory, { recursive: true });
  }
}

const limits = "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status || true";

function judge(name: string, said: string, account: string | undefined, uid: number | undefined) {
  const ids = said.split("\n").slice(0, 2).map(Number);
  const own = uid ?? 1001;
  if (account !== undefined) assert.deepEqual(ids, [own, own], `${name}: ${said}`);
  // Nothing that is open leads out of the tree.
  for (const [, target = ""] of said.matchAll(/ -> (.*)$/gm)) {
    assert.match(target, /^(pipe:|\/dev\/null$|\/out\/|\/proc\/|socket:|anon_inode:)/, name);
  }
}

function write(tree: string, name: string, text: string, mode = 0o644): void {
  const file = path.join(tree, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}
