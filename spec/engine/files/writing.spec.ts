/** Files that are written, on every shell: content, mode, owner, and the way to them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { FileNotFound } from "../../../engine/base/errors.js";
import { Secret } from "../../../engine/base/secret.js";
import { readFile, stat, writeFile } from "../../../engine/files/shellFiles.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { failed, fresh, leftIn } from "../shell/helpers/files.js";
import { changes, looks, onEveryShell, session } from "../shell/helpers/shells.js";

const kibibyte = 1024;
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const sized = (length: number) => Buffer.alloc(length, everyByte);
const contents: Record<string, Buffer> = {
  "0 bytes": sized(0),
  "1 byte": Buffer.from([0]),
  "every byte": everyByte,
  // What is longer than 8 KiB, as it is written on the way, takes another way.
  "8 KiB less one of text": Buffer.alloc(8 * kibibyte - 1, "x"),
  "8 KiB of text": Buffer.alloc(8 * kibibyte, "x"),
  "8 KiB and one of text": Buffer.alloc(8 * kibibyte + 1, "x"),
  "8 KiB": sized(8 * kibibyte),
  "17 KiB": sized(17 * kibibyte),
  "5 MiB": sized(5 * kibibyte * kibibyte + 3),
};
const names = [
  "a b",
  "-",
  "-n",
  "--",
  "'\"`$(id)`\\",
  "new\nline",
  "newline at the end\n",
  "ü語😀\u2028",
  "*",
  "~",
  "#!",
  "!",
  "(",
];
const isRoot = process.getuid?.() === 0;

/** The file's content, mode and owner; and nothing else is in its directory. */
function assertFile(file: string, content: string | Buffer, mode: number, owner = [0, 0]): void {
  const { mode: bits, uid, gid } = fs.lstatSync(file);
  // What its owner may not read either is read all the same.
  if ((bits & 0o400) === 0) fs.chmodSync(file, 0o400);
  assert.ok(fs.readFileSync(file).equals(Buffer.from(content)), "the content");
  assert.equal((bits & 0o7777).toString(8), mode.toString(8));
  if (isRoot) assert.deepEqual([uid, gid], owner);
  assert.deepEqual(leftIn(path.dirname(file)), []);
}

onEveryShell((shell) => {
  let host: ShellSession;
  before(async () => {
    host = (await session(shell)).session;
  });
  after(() => host.close());

  for (const [what, content] of Object.entries(contents)) {
    test(`${what} there and back`, async () => {
      const file = fresh();
      await writeFile(host, file, content);
      assertFile(file, content, 0o644);
      assert.ok((await readFile(host, file)).equals(content));
      await writeFile(host, file, "short");
      assertFile(file, "short", 0o644);
    });
  }

  test("text and secrets are written as UTF-8", async () => {
    const file = fresh();
    await writeFile(host, file, "é😀\n");
    assertFile(file, "é😀\n", 0o644);
    await writeFile(host, file, new Secret("s3cret é"));
    assertFile(file, "s3cret é", 0o644);
  });

  test("names of every kind, also of directories", async () => {
    for (const name of names) {
      const directory = fresh(name);
      fs.mkdirSync(directory);
      const file = path.join(directory, name);
      await writeFile(host, file, name);
      assertFile(file, name, 0o644);
      assert.equal((await readFile(host, file)).toString(), name);
      assert.equal((await stat(host, file))?.size, Buffer.byteLength(name));
      assert.equal((await stat(host, `${file}x`)) === undefined, true);
      await failed(readFile(host, `${file}x`), /not there/, FileNotFound);
    }
  });

  test("relative paths start where commands do", async () => {
    const before = (await host.exec(["pwd"], looks)).stdout.toString().trim();
    const name = `-spec ${process.pid} ${shell.name}`;
    try {
      await writeFile(host, name, "x");
      assertFile(path.join(before, name), "x", 0o644);
      await writeFile(host, `./${name}`, "y");
      assert.equal((await readFile(host, name)).toString(), "y");
      assert.equal((await stat(host, name))?.type, "file");
    } finally {
      fs.rmSync(path.join(before, name), { force: true });
    }
  });

  test("a new file is 0644, whatever the umask of the account", async () => {
    const file = fresh();
    await host.execText("umask 077", changes);
    await writeFile(host, file, "");
    assertFile(file, "", 0o644);
  });

  for (const mode of [0o600, 0o444, 0o4755, 0o2755, 0o1777, 0o7777, 0o0]) {
    test(`mode ${mode.toString(8)} is given, and kept but for set-id bits`, async () => {
      const [kept, given, replaced] = [fresh(), fresh(), fresh()] as const;
      for (const file of [kept, replaced]) fs.writeFileSync(file, "old");
      fs.chmodSync(kept, mode);
      await writeFile(host, kept, "new");
      await writeFile(host, given, "new", { mode });
      await writeFile(host, replaced, "new", { mode });
      for (const file of [given, replaced]) assertFile(file, "new", mode);
      assertFile(kept, "new", mode & 0o1777);
    });
  }

  test("the owner is kept, and given", { skip: !isRoot && "not uid 0" }, async () => {
    const kept = fresh();
    fs.writeFileSync(kept, "old");
    fs.chownSync(kept, 1234, 5678);
    fs.chmodSync(kept, 0o6755);
    await writeFile(host, kept, "new");
    assertFile(kept, "new", 0o755, [1234, 5678]);
    await writeFile(host, kept, "new", { group: 99 });
    assertFile(kept, "new", 0o755, [1234, 99]);
    await writeFile(host, kept, "newer", { user: "daemon", group: "daemon", mode: 0o4750 });
    assertFile(kept, "newer", 0o4750, [1, 1]);
    const given = fresh();
    await writeFile(host, given, sized(20_000), { user: 77, mode: 0o600 });
    assertFile(given, sized(20_000), 0o600, [77, 0]);
  });

  test("an owner that does not exist", async () => {
    for (const owner of [{ user: "no-such-user" }, { group: "no-such-group" }]) {
      const file = fresh();
      await failed(writeFile(host, file, "x", owner), /no-such/);
      assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
    }
  });

  describe("symlinks", () => {
    const linked = async (make: (directory: string) => [link: string, real: string]) => {
      const directory = path.dirname(fresh());
      const [link, real] = make(directory).map((name) => path.join(directory, name)) as [
        string,
        string,
      ];
      await writeFile(host, link, "new", { mode: 0o640 });
      assertFile(real, "new", 0o640);
      assert.equal((await readFile(host, link)).toString(), "new");
      await writeFile(host, link, sized(30_000));
      assertFile(real, sized(30_000), 0o640);
    };

    test("to a file", () =>
      linked((directory) => {
        fs.writeFileSync(`${directory}/real`, "old");
        fs.symlinkSync("real", `${directory}/link`);
        return ["link", "real"];
      }));

    test("to a file that is not there", () =>
      linked((directory) => {
        fs.mkdirSync(`${directory}/d`);
        fs.symlinkSync(`${directory}/d/real`, `${directory}/link`);
        return ["link", "d/real"];
      }));

    test("of odd names, one after the other, up and down", () =>
      linked((directory) => {
        fs.mkdirSync(`${directory}/d 1/e\n`, { recursive: true });
        fs.mkdirSync(`${directory}/'f`);
        fs.symlinkSync("../d 1/./e\n//l3\n", `${directory}/'f/l2 `);
        fs.symlinkSync("'f/l2 ", `${directory}/l1`);
        fs.symlinkSync("../../real\n", `${directory}/d 1/e\n/l3\n`);
        return ["l1", "real\n"];
      }));

    test("of directories, and in the directory of a link", () =>
      linked((directory) => {
        fs.mkdirSync(`${directory}/d/e`, { recursive: true });
        fs.symlinkSync("d", `${directory}/way`);
        fs.symlinkSync(`${directory}/way/e`, `${directory}/d/shorter`);
        fs.symlinkSync("../real", `${directory}/d/e/link`);
        return ["way/shorter/link", "d/real"];
      }));

    test("in a loop", async () => {
      const link = fresh("a");
      fs.symlinkSync("b", link);
      fs.symlinkSync("a", path.join(path.dirname(link), "b"));
      await failed(writeFile(host, link, "x"), /Too many levels/);
      await failed(writeFile(host, `${link}/x`, "x"), /Too many levels/);
      await failed(readFile(host, link), /Too many levels/);
      assert.equal((await stat(host, link))?.type, "symlink");
    });

    const skip = !isRoot && "not uid 0";
    test("of another account, on the way or at its end", { skip }, async () => {
      const directory = path.dirname(fresh());
      fs.mkdirSync(`${directory}/d`);
      fs.writeFileSync(`${directory}/d/real`, "old");
      fs.symlinkSync("d", `${directory}/way`);
      fs.symlinkSync("real", `${directory}/d/link`);
      fs.symlinkSync("way/real", `${directory}/far`);
      for (const link of ["way", "d/link"]) fs.lchownSync(`${directory}/${link}`, 1234, 0);
      for (const name of ["way/real", "way/new", "d/link", "far"]) {
        for (const content of ["x", sized(20_000)]) {
          const writing = writeFile(host, `${directory}/${name}`, content);
          await failed(writing, /the symlink .* belongs to uid \d+/);
        }
      }
      assertFile(`${directory}/d/real`, "old", 0o644);
    });
  });

  test("what is no file is not written", async () => {
    const place = fresh("x");
    const directory = path.dirname(place);
    fs.mkdirSync(place);
    fs.symlinkSync(place, `${directory}/link`);
    for (const content of ["x", sized(20_000)]) {
      for (const to of [
        place,
        `${place}/`,
        `${place}/.`,
        `${place}/..`,
        `${directory}/link`,
        "/",
        ".",
        "..",
      ]) {
        await failed(writeFile(host, to, content), /Is a directory/);
      }
      spawnSync("mkfifo", [`${directory}/fifo`]);
      await failed(writeFile(host, `${directory}/fifo`, content), /no regular file/);
      await failed(writeFile(host, "/dev/null", content), /no regular file/);
      await failed(writeFile(host, `${directory}/none/file`, content), /No such file or directory/);
      await failed(writeFile(host, "/etc/passwd/x", content), /Not a directory/);
    }
    assert.deepEqual(fs.readdirSync(directory).sort(), ["fifo", "link", "x"]);
    assert.deepEqual(fs.readdirSync(place), []);
  });
});
