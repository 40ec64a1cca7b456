/** Directory trees to be chrooted into, and processes in namespaces of their own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { posixProperty } from "../../../engine/index.js";
import { mountsIn } from "../../helpers/belongings.js";

/** What is in a tree: the contents of files by name; `{}` is an empty directory. */
export type Content = Readonly<Record<string, string | Record<string, never>>>;

/** A fresh tree with busybox, these files and directories, and nothing else. */
export function busyboxTree(content: Content = {}): string {
  const tree = mkdtempSync(path.join(os.tmpdir(), "tree of busybox-"));
  chmodSync(tree, 0o755);
  mkdirSync(path.join(tree, "bin"));
  execFileSync("cp", ["/bin/busybox", path.join(tree, "bin")]);
  execFileSync("chroot", [tree, "/bin/busybox", "--install", "-s", "/bin"]);
  for (const [name, what] of Object.entries(content)) {
    const file = path.join(tree, name);
    mkdirSync(typeof what === "string" ? path.dirname(file) : file, { recursive: true });
    if (typeof what === "string") writeFileSync(file, what);
  }
  return tree;
}

/** Nothing of it is left. What would still be mounted in it is not walked into. */
export function removeTree(tree: string): void {
  assertNothingMounted(tree);
  rmSync(tree, { recursive: true });
}

function assertNothingMounted(tree: string): void {
  const left = mountsIn(tree);
  if (left.length > 0) throw new Error(`still mounted: ${left.join(", ")}`);
}

/** A process in namespaces of its own, with `unshare` called like that. */
export class Leader {
  readonly pid: number;
  readonly #program: ChildProcess;

  private constructor(program: ChildProcess, pid: number) {
    this.#program = program;
    this.pid = pid;
  }

  static async start(
    unshare: readonly string[],
    variables: readonly string[],
    uid = 0,
  ): Promise<Leader> {
    const wait = "echo ready; exec sleep 1000";
    const words = [...unshare, "env", "-i", ...variables, "/bin/sh", "-c", wait];
    const program = spawn("unshare", ["--fork", "--kill-child", ...words], {
      stdio: ["ignore", "pipe", "inherit"],
      uid,
      gid: uid,
      cwd: "/",
    });
    await once(program.stdout, "data");
    const of = `/proc/${program.pid}/task/${program.pid}/children`;
    let pid = 0;
    // Its environment is its own only once the shell has become what it runs.
    while (pid === 0 || readFileSync(`/proc/${pid}/comm`, "utf8") !== "sleep\n") {
      await sleep(10);
      pid = Number(readFileSync(of, "utf8").trim().split(" ")[0]);
    }
    return new Leader(program, pid);
  }

  async end(): Promise<void> {
    this.#program.stdout?.destroy();
    if (this.#program.exitCode !== null || this.#program.signalCode !== null) return;
    const ended = once(this.#program, "exit");
    this.#program.kill("SIGKILL");
    await ended;
  }
}

/** What `ran` has printed, since it was last emptied. */
export const said: string[] = [];

/** Runs shell text and remembers what it printed. */
export const ran = posixProperty<[text: string]>("trees.ran", {
  args: z.tuple([z.string()]),
  apply: async (on, text) => {
    said.push((await on.run(["sh", "-c", text])).stdout.trim());
    return "changed";
  },
});

/** A directory of programs that stand in for others, by name. Everybody can get there. */
export function standIns(programs: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync("/tmp/programs-");
  chmodSync(directory, 0o755);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(path.join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return directory;
}
