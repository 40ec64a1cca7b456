/** Making an executable of the Node that runs this process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { CappedOutput, collect } from "../../core/index.js";
import {
  evalInGrandchild,
  form,
  hasZygote,
  makeReproducible,
  requiredFlags,
} from "../../zygote/client.js";
import { AbortedChange, lastLines, printableLines } from "../base/index.js";
import { withBlob } from "./elf.js";
import { temporaryDirectory } from "./runtime.js";

/** What the Node that makes the blob is started with; the same seeds give the same blob. */
const makerFlags = [...requiredFlags, "--no-warnings", "--hash-seed=1", "--random-seed=1"];
/** The length of the beginning of the blob, in which a snapshot has its tag. */
const headBytes = 512;
const printedLimit = 64 * 1024;

/** Makes the blob in a directory that it shares with nobody; `node` is the program. */
const make = form<[node: string, directory: string], Made>("engine.makeBlob", {
  args: z.tuple([z.string(), z.string()]),
  value: z.strictObject({ exitCode: z.int().nullable(), stdout: z.string(), stderr: z.string() }),
  evaluate: async (node, directory) => {
    makeReproducible();
    return makeHere(node, directory);
  },
});

interface Made {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The bytes of an executable that runs the script, made of that Node. @throws AbortedChange */
export async function build(node: string, program: Buffer, script: string): Promise<Buffer> {
  const directory = temporaryDirectory("consfig-dump");
  try {
    writeFileSync(path.join(directory, "main.js"), script, { mode: 0o600 });
    const config = {
      // The file's name is in the blob, which is to be the same in any directory.
      main: "/proc/self/cwd/main.js",
      // The path is absolute, since the prerequest may have changed the working directory by then.
      output: path.join(directory, "blob"),
      disableExperimentalSEAWarning: true,
      useSnapshot: true,
      execArgv: requiredFlags,
    };
    writeFileSync(path.join(directory, "config.json"), JSON.stringify(config), { mode: 0o600 });
    const { exitCode, stderr } = await made(node, directory);
    if (exitCode !== 0) {
      throw new AbortedChange("the modules cannot be made an executable of", {
        output: printableLines(lastLines(stderr)),
        hint: "what the prerequest and modules leave open, such as files, sockets and processes, cannot be kept",
      });
    }
    const blob = readFileSync(path.join(directory, "blob"));
    await acceptFlags(blob, node, directory);
    return withBlob(program, blob);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Makes the blob. Without a zygote the numbers of processes are in it, and two blobs differ in that. */
async function made(node: string, directory: string): Promise<Made> {
  if (!hasZygote()) return makeHere(node, directory);
  const { value, stderr } = await evalInGrandchild(null, make(node, directory), { nested: false });
  if (value) return value;
  throw new AbortedChange("the executable could not be made", { output: lastLines(stderr) });
}

function makeHere(node: string, directory: string): Promise<Made> {
  return started(node, [...makerFlags, "--experimental-sea-config", "config.json"], directory);
}

/**
 * A Node takes a snapshot only with the flags it was made with; but these were of threads and seeds,
 * and an executable of a Node before 24.6 cannot be started with any.
 */
async function acceptFlags(blob: Buffer, node: string, directory: string): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const flags = major > 24 || (major === 24 && minor >= 6) ? requiredFlags : [];
  const [from, to] = [await tagWith(makerFlags), await tagWith(flags)];
  const head = blob.subarray(0, headBytes);
  const at = head.indexOf(from);
  // A Node of 22 or later that puts no tag into the blob takes it with any flags.
  if (at < 0 && major >= 22) return;
  if (at < 0 || head.indexOf(from, at + 1) >= 0) {
    throw new AbortedChange("this machine's Node makes snapshots in a way that is not known");
  }
  to.copy(blob, at);

  /** The tag by which Node tells whether a snapshot was made with its own flags. */
  async function tagWith(flags: readonly string[]): Promise<Buffer> {
    const print = "process.stdout.write(String(require('v8').cachedDataVersionTag()))";
    const { stdout } = await started(node, [...flags, "-e", print], directory);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number(stdout));
    return bytes;
  }
}

/** Runs Node with nothing of this process's environment. */
async function started(node: string, words: readonly string[], directory: string): Promise<Made> {
  const child = spawn(node, words, {
    // argv0 is kept in the blob, and the path of Node is another one where an executable makes it.
    argv0: "node",
    cwd: directory,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [new CappedOutput(printedLimit), new CappedOutput(printedLimit)];
  // All are awaited together: a program that cannot be started says so before its output ends.
  const [[exitCode]] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    collect(child.stdout, stdout),
    collect(child.stderr, stderr),
  ]);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}
