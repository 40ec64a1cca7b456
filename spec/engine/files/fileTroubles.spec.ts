/** Files where something is against it: the disk, rights, other accounts, other writers. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cancelled, isError } from "../../../engine/base/errors.js";
import { writeFile } from "../../../engine/files/shellFiles.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { until } from "../../helpers/processes.js";
import { failed, leftIn } from "../shell/helpers/files.js";
import {
  changes,
  dash,
  looks,
  onEveryShell,
  session,
  temporary,
  withSession,
} from "../shell/helpers/shells.js";

const isRoot = process.getuid?.() === 0;
const needsRoot = { skip: !isRoot && "not uid 0" };
const long = Buffer.alloc(300_000, "long ");

async function usable(host: ShellSession): Promise<void> {
  assert.equal((await host.exec(["echo", "on"], changes)).stdout.toString(), "on\n");
}

/** A directory with a file system of that size of its own, while the work is done. */
async function withMount(options: string, work: (directory: string) => Promise<void>) {
  const directory = temporary();
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory]);
  assert.equal(status, 0, stderr.toString());
  try {
    await work(directory);
  } finally {
    assert.equal(spawnSync("umount", [directory]).status, 0);
  }
}

onEveryShell((shell) => {
  test("a disk that is full", needsRoot, () =>
    withMount("size=256k", (directory) =>
      withSession(shell, async (host) => {
        const file = path.join(directory, "file");
        fs.writeFileSync(file, "old");
        for (const filled of [0, 252 * 1024]) {
          fs.writeFileSync(path.join(directory, "filler"), Buffer.alloc(filled));
          const content = filled === 0 ? long : long.subarray(0, 15_000);
          const error = await failed(writeFile(host, file, content), /No space left/);
          assert.match(error.hint ?? "", /disk/);
          assert.equal(fs.readFileSync(file, "utf8"), "old");
          assert.deepEqual(leftIn(directory), []);
          await usable(host);
        }
      }),
    ),
  );

  test("no space for what a command reads", needsRoot, () => {
    const before = ["unshare", "--mount", "sh", "-c"];
    const mount = 'mount -t tmpfs -o size=128k tmpfs /tmp && exec "$@"';
    // The directory with `sh` is in the real /tmp.
    const env = { PATH: process.env.PATH ?? "" };
    return withSession(
      dash(),
      async (host) => {
        const read = host.exec(["wc", "-c"], { ...looks, stdin: long });
        const later = host.exec(["wc", "-c"], { ...changes, stdin: Buffer.alloc(20_000) });
        const error = await failed(read, /No space left/);
        assert.match(error.hint ?? "", /disk/);
        assert.equal((await later).stdout.toString(), "20000\n");
        await failed(writeFile(host, "/tmp/x", Buffer.alloc(5_000_000)), /No space left/);
        await usable(host);
        const left = await host.execText("find /tmp -type f", looks);
        assert.equal(left.stdout.toString(), "");
      },
      { before: [...before, mount, "sh"], env },
    );
  });

  test("a /tmp that is mounted read-only", needsRoot, () => {
    const mount = 'mount -t tmpfs -o ro tmpfs /tmp && exec "$@"';
    const before = ["unshare", "--mount", "sh", "-c", mount, "sh"];
    return withSession(
      dash(),
      async (host) => {
        const counted = await host.exec(["wc", "-c"], { ...changes, stdin: long });
        assert.equal(counted.stdout.toString(), "300000\n");
        await usable(host);
      },
      { before, env: { PATH: process.env.PATH ?? "" } },
    );
  });

  test("a directory mounted read-only", needsRoot, () =>
    withMount("size=256k", async (directory) => {
      fs.writeFileSync(path.join(directory, "file"), "old");
      spawnSync("mount", ["-o", "remount,ro", directory]);
      await withSession(shell, async (host) => {
        const error = await failed(writeFile(host, path.join(directory, "file"), "x"), /Read-only/);
        assert.match(error.hint ?? "", /read-only/);
        await usable(host);
      });
    }),
  );

  test("it is cancelled while it writes: old or new, and nothing beside it", () =>
    withSession(shell, async (host) => {
      const directory = temporary();
      const file = path.join(directory, "file");
      fs.writeFileSync(file, "old");
      for (let round = 0; round < 15; round++) {
        const aborter = new AbortController();
        const content = round % 2 === 0 ? "new" : long;
        const writing = writeFile(host, file, content, { signal: aborter.signal });
        setTimeout(() => aborter.abort(), round * 2);
        await writing.catch((error) => assert.ok(isError(error, Cancelled), String(error)));
        const found = fs.readFileSync(file);
        assert.ok([Buffer.from("old"), Buffer.from("new"), long].some((one) => one.equals(found)));
        assert.deepEqual(leftIn(directory), []);
        fs.writeFileSync(file, "old");
      }
      await usable(host);
    }));

  test("the session ends while it writes: nothing beside it", async () => {
    const directory = temporary();
    const file = path.join(directory, "file");
    for (let round = 0; round < 10; round++) {
      const { session: host, program } = await session(shell);
      const writing = writeFile(host, file, round % 2 === 0 ? "new" : long).catch(() => {});
      await sleep(round * 2);
      program.destroy();
      await Promise.all([writing, host.ended]);
    }
    await until(() => leftIn(directory).length === 0, "removed");
  });
});

test("four writers at once: every reader sees one of them whole", async () => {
  const directory = temporary();
  const file = path.join(directory, "file");
  const reader = path.join(directory, "reader.mjs");
  fs.writeFileSync(file, "a".repeat(20_000), { mode: 0o640 });
  fs.chmodSync(file, 0o640);
  fs.writeFileSync(
    reader,
    `import fs from "node:fs";
let looks = 0;
while (!fs.existsSync(process.argv[2] + ".stop")) {
  const fd = fs.openSync(process.argv[2]);
  const { mode } = fs.fstatSync(fd);
  const text = fs.readFileSync(fd, "utf8");
  fs.closeSync(fd);
  looks++;
  if ((mode & 0o7777) !== 0o640) throw new Error("mode " + mode.toString(8));
  if (text.length !== 20_000 && text.length !== 5_000) throw new Error("length " + text.length);
  if (text !== text[0].repeat(text.length)) throw new Error("torn");
}
console.log(looks);
`,
  );
  const watching = spawn(process.execPath, [reader, file], { stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "" };
  watching.stdout.on("data", (bytes) => (printed.stdout += bytes));
  watching.stderr.on("data", (bytes) => (printed.stderr += bytes));
  const ended = new Promise((resolve) => watching.once("close", resolve));
  await Promise.all(
    ["b", "c", "d", "e"].map((letter) =>
      withSession(dash(), async (host) => {
        for (let round = 0; round < 50; round++) {
          await writeFile(host, file, letter.repeat(round % 2 === 0 ? 20_000 : 5_000));
        }
      }),
    ),
  );
  fs.writeFileSync(`${file}.stop`, "");
  await ended;
  assert.equal(printed.stderr, "");
  assert.ok(Number(printed.stdout) > 100, `only ${printed.stdout} looks`);
  assert.deepEqual(leftIn(directory), []);
});
