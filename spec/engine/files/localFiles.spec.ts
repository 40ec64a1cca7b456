/** Files of this machine are seen by the process itself as a shell's programs see them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { local } from "../../../connections/local/index.js";
import { Connection } from "../../../engine/connect/connection.js";
import { readLocalFile, statLocalFile } from "../../../engine/files/localFiles.js";
import { readFile, stat } from "../../../engine/files/shellFiles.js";
import { ConsfigError } from "../../../engine/index.js";

const directory = mkdtempSync(path.join(tmpdir(), "files-"));
const at = (name: string) => path.join(directory, name);
const paths = [
  ...["file", "empty", "directory", "link", "dangling", "loop", "fifo", "huge", "missing"].map(at),
  ...["file/below", "odd", "nobodys", "-n"].map(at),
  ...["/proc/self/status", "/proc/version", "/dev/null", "/dev/zero", "/etc/passwd", "/", "/tmp"],
];
let connection: Connection;

before(async () => {
  for (const name of ["file", "odd", "nobodys", "-n"]) writeFileSync(at(name), `${name}\n\0\xff`);
  writeFileSync(at("empty"), "");
  mkdirSync(at("directory"));
  chmodSync(at("directory"), 0o3751);
  chmodSync(at("odd"), 0o4110);
  symlinkSync("file", at("link"));
  symlinkSync("no such\nthing", at("dangling"));
  symlinkSync("loop", at("loop"));
  spawnSync("mkfifo", [at("fifo")]);
  writeFileSync(at("huge"), "");
  truncateSync(at("huge"), 64 * 1024 * 1024 + 1);
  if (process.getuid?.() === 0) chownSync(at("nobodys"), 54321, 54321);
  const context = { hostname: "here", report: () => {}, data: () => Promise.reject(new Error()) };
  connection = await Connection.open([local()], context);
});
after(async () => {
  await connection.close();
  rmSync(directory, { recursive: true });
});

/** What comes of it, or the code of the error. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    assert.ok(error instanceof ConsfigError, String(error));
    return error.code;
  }
}

for (const name of paths) {
  test(`reading ${path.basename(name)}`, async () => {
    const [mine, shells] = [
      await outcome(() => readLocalFile(name)),
      await outcome(() => readFile(connection.shell, name)),
    ];
    if (name.startsWith("/proc/self")) assert.match(String(mine), /^Name:/);
    else assert.deepEqual(mine, shells);
  });
  for (const follow of [false, true]) {
    test(`looking at ${path.basename(name)}${follow ? ", followed" : ""}`, async () => {
      const mine = await outcome(() => statLocalFile(name, follow));
      const shells = await outcome(() => stat(connection.shell, name, { follow }));
      if (mine === "untold") assert.equal((shells as { user: string }).user, "UNKNOWN");
      // Made anew whenever somebody looks.
      else if (!name.startsWith("/proc/")) assert.deepEqual(mine, shells);
    });
  }
}

test("without a /proc the system's own programs look", {
  skip: process.getuid?.() !== 0 && "not uid 0",
}, () => {
  const module = new URL("../../../engine/files/localFiles.js", import.meta.url).href;
  const asks = `import(${JSON.stringify(module)}).then(({ isInProc }) => console.log(isInProc()))`;
  const hides = 'mount -t tmpfs none /proc && exec "$@"';
  const words = ["-m", "sh", "-c", hides, "sh", process.execPath, "-e", asks];
  const { stdout, stderr } = spawnSync("unshare", words, { encoding: "utf8" });
  assert.equal(stdout, "false\n", stderr);
});
