/**
 * What is written where code, data and runs are kept: each system call that changes something there fails once,
 * and is once the last. Afterwards there is the old or the new, and the next write is as good as ever.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { missing } from "../helpers/programs.js";
import { sampled } from "../helpers/seed.js";
import { filesIn, writers } from "./writers.js";

const program = fileURLToPath(new URL("./writers.js", import.meta.url));
const changing = [
  ...[
    "openat",
    "write",
    "pwrite64",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
  ],
  ...[
    "unlink",
    "unlinkat",
    "rmdir",
    "chmod",
    "fchmod",
    "fchmodat",
    "fsync",
    "fdatasync",
    "ftruncate",
  ],
];

/** A system call of one kind, the how many-th of its thread. */
interface Point {
  readonly call: string;
  readonly nth: number;
}

// Not every system lets others than uid 0 look at a process that is not their child.
const skip = process.geteuid?.() === 0 ? missing("strace") : "not uid 0";

describe("what is kept", { skip }, () => {
  const root = mkdtempSync(path.join(tmpdir(), "faults-"));
  after(() => rmSync(root, { recursive: true }));
  let count = 0;

  /**
   * Writes the version, in a process of its own, which strace looks at in that way as soon as it has loaded its
   * modules: while it does its threads do this and that.
   */
  async function write(name: string, version: number, directory: string, how: readonly string[]) {
    const env = { PATH: process.env.PATH, HOME: root, UV_THREADPOOL_SIZE: "1" };
    const child = spawn(process.execPath, [program, name, `${version}`, directory], { env });
    const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    let said = "";
    child.stderr.on("data", (bytes) => (said += bytes));
    await once(child.stdout, "data");
    const words = ["-f", "-y", "-o", path.join(root, "trace"), ...how, "-p", `${child.pid}`];
    const strace = spawn("strace", words, { stdio: ["ignore", "ignore", "pipe"] });
    const looked = once(strace, "close");
    await once(strace.stderr, "data"); // it is attached
    strace.stderr.resume();
    child.stdin.on("error", () => {}); // it was killed as soon as it read
    child.stdin.end(inputOf(name, [version]));
    const [status, signal] = await ended;
    await looked;
    return { status, signal, said };
  }

  function inputOf(name: string, versions: readonly number[]): string {
    return `\n${versions.map((version) => writers[name]?.input?.(version) ?? "").join("")}`;
  }

  /** Writes the versions, with nothing in the way. */
  function writeWell(name: string, versions: readonly number[], directory: string): void {
    const words = [program, name, versions.join(), directory];
    const { status, stderr } = spawnSync(process.execPath, words, {
      input: inputOf(name, versions),
      encoding: "utf8",
      env: { HOME: root },
    });
    assert.equal(status, 0, stderr);
  }

  /** Calls that change something below the directory, and of which no other thread's would be hit as well. */
  function points(directory: string): readonly Point[] {
    const seen = new Map<string, number>();
    const found = new Map<string, { point: Point; isOurs: boolean }>();
    for (const line of readFileSync(path.join(root, "trace"), "utf8").split("\n")) {
      const [, thread, call = ""] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
      if (thread === undefined) continue;
      const nth = (seen.get(`${thread} ${call}`) ?? 0) + 1;
      seen.set(`${thread} ${call}`, nth);
      const isOurs = line.includes(directory) && !(call === "openat" && !/O_CREAT/.test(line));
      const known = found.get(`${call} ${nth}`);
      found.set(`${call} ${nth}`, {
        point: { call, nth },
        isOurs: isOurs && known?.isOurs !== false,
      });
    }
    return [...found.values()].filter(({ isOurs }) => isOurs).map(({ point }) => point);
  }

  for (const [name, { read, writesUntilClean, tells }] of Object.entries(writers)) {
    test(`of ${name} is whole, whatever fails and whenever it ends`, async () => {
      const prepared = path.join(root, `${++count}`);
      mkdirSync(prepared);
      writeWell(name, [1], prepared);
      const copy = (): string => {
        const directory = path.join(root, `${++count}`);
        cpSync(prepared, directory, { recursive: true, preserveTimestamps: true });
        return directory;
      };
      const traced = copy();
      const trace = ["-e", `trace=${changing.join(",")}`];
      const { status, said } = await write(name, 2, traced, trace);
      assert.equal(status, 0, said);
      assert.equal(await read(traced), 2);
      const all = points(traced).flatMap((point) =>
        ["error=ENOSPC", "error=EIO", "signal=KILL"].map((fault) => ({ ...point, fault })),
      );
      assert.ok(all.length >= 6, `${all.length} points`);
      const usual = filesIn(traced).length;
      for (const { call, nth, fault } of sampled(all, name)) {
        const directory = copy();
        const what = `${name}: ${call} ${nth} ${fault}`;
        const inject = `inject=${call}:${fault}:when=${nth}`;
        const ended = await write(name, 2, directory, ["-e", `trace=${call}`, "-e", inject]);
        if (fault === "signal=KILL") assert.equal(ended.signal, "SIGKILL", what);
        const version = await read(directory);
        assert.ok(version === 1 || version === 2, what);
        if (tells && ended.status === 0) assert.equal(version, 2, what);
        writeWell(name, [3], directory);
        assert.equal(await read(directory), 3, what);
        if (writesUntilClean === Number.POSITIVE_INFINITY) continue;
        const more = Array.from({ length: writesUntilClean }, (_, index) => 4 + index);
        if (more.length > 0) writeWell(name, more, directory);
        const isLeft = /\.[0-9a-f]{24}$|\/[~.][^/]*$|probe/;
        assert.deepEqual(
          filesIn(directory).filter((file) => isLeft.test(file)),
          [],
          what,
        );
        assert.ok(filesIn(directory).length <= usual + 1 + writesUntilClean, what);
      }
    });
  }
});
