/** What is read and told of files, on every shell. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { FileNotFound, isError, OutputTooLarge } from "../../../engine/base/errors.js";
import { readFile, stat } from "../../../engine/files/shellFiles.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { failed, fresh } from "../shell/helpers/files.js";
import { changes, onEveryShell, session } from "../shell/helpers/shells.js";

const isRoot = process.getuid?.() === 0;

onEveryShell((shell) => {
  let host: ShellSession;
  before(async () => {
    host = (await session(shell)).session;
  });
  after(() => host.close());

  test("what is no file is not read", async () => {
    const place = fresh("x");
    spawnSync("mkfifo", [place]);
    await failed(readFile(host, place), /no regular file/);
    await failed(readFile(host, "/dev/zero"), /no regular file/);
    await failed(readFile(host, path.dirname(place)), /Is a directory/);
    await failed(readFile(host, `${place}/x`), /not there/, FileNotFound);
  });

  test("a file of the kernel, which does not know its size, is read", async () => {
    assert.match((await readFile(host, "/proc/self/status")).toString(), /^Name:[\s\S]*\nPid:/);
    assert.equal((await stat(host, "/proc/version"))?.type, "file");
  });

  test("a file too large is not read to its end", async () => {
    const file = fresh();
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 20 * 1024 ** 3);
    await assert.rejects(readFile(host, file), (error) => {
      assert.ok(isError(error, OutputTooLarge), String(error));
      assert.match(error.hint ?? "", /only a part of it/);
      return true;
    });
    fs.truncateSync(file, 64 * 1024 ** 2);
    assert.equal((await readFile(host, file)).length, 64 * 1024 ** 2);
  });

  test("a file that is removed again and again is there or not, and never half", async () => {
    const file = fresh();
    const shuffle = `for i in $(seq 200); do echo content >${file}.new; mv ${file}.new ${file}; rm ${file}; done`;
    const second = (await session(shell)).session;
    try {
      let busy = true;
      const done = second.execText(shuffle, changes).finally(() => {
        busy = false;
      });
      while (busy) {
        const content = await readFile(host, file).catch((error) => {
          assert.ok(isError(error, FileNotFound), String(error));
        });
        if (content) assert.equal(content.toString(), "content\n");
        const told = await stat(host, file);
        if (told) assert.equal(told.size, 8);
      }
      assert.equal((await done).exitCode, 0);
    } finally {
      await second.close();
    }
  });

  test("what is told of a file", async () => {
    const file = fresh("a b");
    fs.writeFileSync(file, "12345");
    fs.chmodSync(file, 0o4711);
    fs.utimesSync(file, 1_000_000_000, 1_000_000_000);
    const { uid = 0, gid = 0 } = { uid: process.getuid?.(), gid: process.getgid?.() };
    const told = await stat(host, file);
    assert.deepEqual(
      { ...told, user: "", group: "" },
      { type: "file", mode: 0o4711, uid, gid, user: "", group: "", size: 5, mtimeMs: 1e12 },
    );
    assert.equal(await stat(host, `${file}/x`), undefined);
    assert.equal(await stat(host, path.join(path.dirname(file), "none/x")), undefined);
    if (isRoot) {
      assert.deepEqual([told?.user, told?.group], ["root", "root"]);
      // Nobody has these numbers.
      fs.chownSync(file, 54321, 54322);
      const nameless = await stat(host, file);
      assert.deepEqual([nameless?.uid, nameless?.gid], [54321, 54322]);
      assert.ok(nameless?.user && nameless.group);
    }
  });

  test("what is told of everything else", async () => {
    const place = fresh("fifo");
    const directory = path.dirname(place);
    spawnSync("mkfifo", [place]);
    const type = async (file: string, follow = false) => (await stat(host, file, { follow }))?.type;
    assert.equal(await type(place), "fifo");
    assert.equal(await type(directory), "directory");
    assert.equal(await type("/dev/null"), "character");
    const block = fs
      .readdirSync("/dev")
      .find((name) => fs.statSync(`/dev/${name}`).isBlockDevice());
    if (block) assert.equal(await type(`/dev/${block}`), "block");
    for (const target of ["fifo", "a  b\n\nc\n", " ", "none/x:y"]) {
      const link = path.join(directory, "link");
      fs.rmSync(link, { force: true });
      fs.symlinkSync(target, link);
      const told = await stat(host, link);
      assert.deepEqual([told?.type, told?.target], ["symlink", target]);
      const followed = await stat(host, link, { follow: true });
      assert.deepEqual(
        [followed?.type, followed?.target],
        [target === "fifo" ? "fifo" : undefined, undefined],
      );
    }
  });
});
