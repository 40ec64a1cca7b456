/** Files and accounts: what an account may, what others may not do to it, ACLs. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readFile, stat, writeFile } from "../../../engine/files/shellFiles.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { failed, leftIn } from "../shell/helpers/files.js";
import {
  changes,
  dash,
  installed,
  onEveryShell,
  type Surroundings,
  temporary,
  withSession,
} from "../shell/helpers/shells.js";

const isRoot = process.getuid?.() === 0;
const needsRoot = { skip: !isRoot && "not uid 0" };
const somebody: Surroundings = {
  before: [installed("setpriv") ?? "", "--reuid", "12345", "--regid", "12346", "--clear-groups"],
};
const long = Buffer.alloc(300_000, "long ");

async function usable(host: ShellSession): Promise<void> {
  assert.equal((await host.exec(["echo", "on"], changes)).stdout.toString(), "on\n");
}

onEveryShell((shell) => {
  test("an account that is not uid 0", needsRoot, () =>
    withSession(
      shell,
      async (host) => {
        const directory = temporary();
        fs.chownSync(directory, 12345, 12346);
        const file = path.join(directory, "file");
        for (const content of ["new", long]) {
          await writeFile(host, file, content, { mode: 0o4640 });
          const { uid, gid, mode } = fs.lstatSync(file);
          assert.deepEqual([uid, gid, mode & 0o7777], [12345, 12346, 0o4640]);
          assert.ok((await readFile(host, file)).equals(Buffer.from(content)));
        }
        await failed(writeFile(host, file, "x", { user: "root" }), /not permitted/);
        // What belongs to others in a directory of its own, it can replace and not give back.
        fs.chownSync(file, 0, 0);
        await writeFile(host, file, "newer");
        assert.equal(fs.readFileSync(file, "utf8"), "newer");
        assert.deepEqual([fs.lstatSync(file).uid, fs.lstatSync(file).gid], [12345, 12346]);
        fs.chownSync(file, 0, 0);
        fs.chmodSync(file, 0o600);
        await failed(readFile(host, file), /Permission denied/);
        fs.chmodSync(directory, 0o500);
        for (const content of ["x", long]) {
          await failed(writeFile(host, file, content), /Permission denied/);
        }
        fs.chownSync(directory, 0, 0);
        fs.chmodSync(directory, 0o700);
        await failed(writeFile(host, file, "x"), /Permission denied/);
        await failed(stat(host, file), /Permission denied/);
        assert.deepEqual(fs.readdirSync(directory), ["file"]);
        await usable(host);
      },
      somebody,
    ),
  );

  test("its own symlinks and those of uid 0 are followed by an account", needsRoot, () =>
    withSession(
      shell,
      async (host) => {
        const directory = temporary();
        for (const [name, uid] of [
          ["own", 12345],
          ["root", 0],
          ["other", 4711],
        ] as const) {
          fs.symlinkSync("real", path.join(directory, name));
          fs.lchownSync(path.join(directory, name), uid, 0);
        }
        fs.chownSync(directory, 12345, 12346);
        for (const name of ["own", "root"]) {
          await writeFile(host, path.join(directory, name), name);
          assert.equal(fs.readFileSync(path.join(directory, "real"), "utf8"), name);
        }
        await failed(writeFile(host, path.join(directory, "other"), "x"), /symlink .* belongs to/);
      },
      somebody,
    ),
  );
});

test("who owns the directory cannot turn the writing against other files", needsRoot, async () => {
  const directory = temporary();
  const target = path.join(temporary(), "target");
  fs.writeFileSync(target, "untouched", { mode: 0o600 });
  const home = path.join(directory, "home");
  fs.mkdirSync(home);
  fs.chownSync(home, 12345, 12346);
  // Puts a symlink in the place of whatever we make there, as fast as it can.
  const script = path.join(directory, "attack.mjs");
  fs.writeFileSync(
    script,
    `import fs from "node:fs";
const [home, target] = process.argv.slice(2);
for (;;) for (const name of fs.readdirSync(home)) if (name.startsWith(".consfig-")) try {
  fs.unlinkSync(home + "/" + name);
  fs.symlinkSync(target, home + "/" + name);
} catch {}
`,
  );
  const words = ["--reuid", "12345", "--regid", "12346", "--clear-groups", "--"];
  const attack = spawn("setpriv", [...words, process.execPath, script, home, target]);
  const ended = new Promise((resolve) => attack.once("close", resolve));
  try {
    await sleep(200);
    await withSession(dash(), async (host) => {
      for (let round = 0; round < 30; round++) {
        const attributes = { user: 12345, group: 12346, mode: 0o666 };
        await writeFile(host, path.join(home, "file"), "x", attributes).catch(() => {});
      }
    });
  } finally {
    attack.kill("SIGKILL");
    await ended;
  }
  const { uid, gid, mode } = fs.lstatSync(target);
  assert.deepEqual([uid, gid, mode & 0o7777], [0, 0, 0o600]);
  assert.equal(fs.readFileSync(target, "utf8"), "untouched");
});

const acl = { skip: installed("setfacl") ? false : "setfacl is not installed" };
const aclOf = (file: string) => spawnSync("getfacl", ["-cpn", file]).stdout.toString();

test("an ACL is kept", acl, () =>
  withSession(dash(), async (host) => {
    const file = path.join(temporary(), "file");
    fs.writeFileSync(file, "old");
    spawnSync("setfacl", ["-m", "u:12345:rw,g:12346:r,m::rw", file]);
    const before = aclOf(file);
    assert.match(before, /user:12345:rw-/);
    for (const content of ["new", long]) {
      await writeFile(host, file, content);
      assert.equal(aclOf(file), before);
      assert.ok(fs.readFileSync(file).equals(Buffer.from(content)));
    }
  }),
);

test("a file without an ACL gets none from its directory", acl, () =>
  withSession(dash(), async (host) => {
    const directory = temporary();
    const file = path.join(directory, "file");
    fs.writeFileSync(file, "old");
    spawnSync("setfacl", ["-d", "-m", "u:12345:rw", directory]);
    const before = aclOf(file);
    await writeFile(host, file, "new");
    assert.equal(aclOf(file), before);
    await writeFile(host, path.join(directory, "new"), "new");
    assert.match(aclOf(path.join(directory, "new")), /user:12345:rw-/);
  }),
);

test("an ACL that cannot be kept is no reason to lose it", acl, async () => {
  const programs = temporary();
  for (const name of fs.readdirSync("/usr/bin")) {
    if (!name.endsWith("facl")) fs.symlinkSync(`/usr/bin/${name}`, path.join(programs, name));
  }
  await withSession(
    dash(),
    async (host) => {
      const directory = temporary();
      const file = path.join(directory, "file");
      fs.writeFileSync(file, "old");
      spawnSync("setfacl", ["-m", "u:12345:rw", file]);
      const before = aclOf(file);
      for (const content of ["new", long]) {
        await failed(writeFile(host, file, content), /ACL.*package acl/);
      }
      assert.equal(fs.readFileSync(file, "utf8"), "old");
      assert.equal(aclOf(file), before);
      assert.deepEqual(leftIn(directory), []);
    },
    { env: { PATH: programs } },
  );
});

test("without /proc a file is written all the same", needsRoot, () => {
  const hide = 'mount -t tmpfs tmpfs /proc && exec "$@"';
  return withSession(
    dash(),
    async (host) => {
      const file = path.join(temporary(), "file");
      for (const content of ["new", long]) {
        await writeFile(host, file, content, { user: 12345, mode: 0o4711 });
        assert.ok(fs.readFileSync(file).equals(Buffer.from(content)));
        const { uid, mode } = fs.lstatSync(file);
        assert.deepEqual([uid, mode & 0o7777], [12345, 0o4711]);
      }
    },
    { before: ["unshare", "--mount", "sh", "-c", hide, "sh"] },
  );
});
