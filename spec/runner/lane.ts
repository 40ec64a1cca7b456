import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cacheDirectory, script } from "../testbed/base.js";
import { testbedUnavailable } from "../testbed/machine.js";
import { lockFiles, removeLockFiles } from "./lockFiles.js";
import type { SpecResult } from "./messages.js";

/** What the leak checks of two specs would otherwise see of each other. */
const namespaces = ["--mount", "--pid", "--ipc", "--propagation", "private"];

/** Lanes see the clone at its own place, and not in what they have of their own. */
function directoryInClone(): string {
  const lanes = path.join(cacheDirectory(), "lanes");
  mkdirSync(lanes, { recursive: true });
  return mkdtempSync(path.join(lanes, "lane-"));
}

/** A place where one spec after the other is run: with uid 0, namespaces of its own. */
export class Lane {
  readonly #process: ChildProcess;
  readonly #directory: string;
  readonly #ended: Promise<undefined>;
  readonly #lockFiles = lockFiles();
  /** What this lane has run, in order. */
  readonly before: string[] = [];

  constructor(env: NodeJS.ProcessEnv, network: "own" | "machine") {
    this.#directory = Lane.isolated ? directoryInClone() : mkdtempSync(path.join(tmpdir(), "l-"));
    const home = path.join(this.#directory, "home");
    mkdirSync(home);
    const leakCheck = new URL("../helpers/leakCheck.js", import.meta.url).href;
    const program = new URL("laneProcess.js", import.meta.url).pathname;
    // node:test hands these flags on to the process of each spec.
    const flags = ["--enable-source-maps", "--import", leakCheck];
    const words = [...this.#namespaces(network), process.execPath, ...flags, program];
    this.#process = spawn(words[0] ?? "", words.slice(1), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
      env: {
        ...env,
        // A lane is not part of the spec that may have made it.
        NODE_TEST_CONTEXT: undefined,
        // In namespaces a lane has a /tmp and a home of its own at the same places.
        ...(Lane.isolated ? { TMPDIR: "/tmp" } : { TMPDIR: this.#directory, HOME: home }),
      },
    });
    this.#ended = new Promise((resolve) => {
      // "error": it could not be started.
      for (const event of ["exit", "error"]) this.#process.once(event, () => resolve(undefined));
    });
  }

  #namespaces(network: "own" | "machine"): readonly string[] {
    if (!Lane.isolated) return [];
    const net = network === "own" ? ["--net"] : [];
    const isolated = ["unshare", ...namespaces, ...net, "--fork", "--kill-child=KILL"];
    return [...isolated, "sh", script("../runner/lane.sh"), this.#directory, network];
  }

  /** Whether lanes are kept apart by the kernel. Without, there can be only one. */
  static get isolated(): boolean {
    return testbedUnavailable() === undefined;
  }

  get hasEnded(): boolean {
    const { exitCode, signalCode } = this.#process;
    return exitCode !== null || signalCode !== null;
  }

  /** Runs the spec. It has failed when the lane ends meanwhile. */
  async run(spec: string): Promise<SpecResult> {
    this.before.push(spec);
    const begun = performance.now();
    const told = new Promise<SpecResult>((resolve) => this.#process.once("message", resolve));
    // What cannot be sent is not heard: the lane is ending.
    this.#process.send({ spec }, () => {});
    const result = await Promise.race([told, this.#ended]);
    if (result) return result;
    const ms = performance.now() - begun;
    return { spec, passed: 0, failed: 1, skipped: [], ms, cpuMs: 0, text: "its lane ended\n" };
  }

  async close(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
    if (!Lane.isolated) removeLockFiles(this.#lockFiles);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
