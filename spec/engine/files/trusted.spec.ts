/** Places that are not uid 0's alone and that everybody has: changing things there goes on working. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { FileChanged, FileFailed, Secret } from "../../../engine/base/index.js";
import { HostFiles } from "../../../engine/files/hostFiles.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { dash, session, temporary, withSession } from "../shell/helpers/shells.js";

const alice = 12345;
const bob = 12346;
const www = 12347;

interface Made {
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

describe("uid 0", { skip: process.getuid?.() !== 0 && "not uid 0" }, () => {
  let root: string;
  const at = (name: string) => path.join(root, name);

  before(() => {
    root = temporary();
  });

  function own(name: string, { uid = 0, gid = uid, mode }: Made): string {
    if (mode !== undefined) fs.chmodSync(at(name), mode);
    fs.lchownSync(at(name), uid, gid);
    if (mode !== undefined) fs.chmodSync(at(name), mode);
    return at(name);
  }

  function directory(name: string, made: Made = {}): string {
    fs.mkdirSync(at(name), { recursive: true });
    return own(name, made);
  }

  function file(name: string, made: Made = {}, content = "old\n"): string {
    fs.writeFileSync(at(name), content);
    return own(name, made);
  }

  function link(name: string, target: string, uid = 0): string {
    fs.symlinkSync(target, at(name));
    return own(name, { uid });
  }

  /** The work, over a shell and where this process looks at files itself. */
  async function onBoth(work: (files: HostFiles) => Promise<void>): Promise<void> {
    await withSession(dash(), async (host) => {
      for (const isHere of [false, true]) await work(new HostFiles(host, isHere, undefined, {}));
    });
  }

  function has(name: string, content: string, uid: number, mode: number, gid = uid): void {
    const stat = fs.statSync(at(name));
    const is = [
      fs.readFileSync(at(name), "utf8"),
      stat.uid,
      stat.gid,
      (stat.mode & 0o7777).toString(8),
    ];
    assert.deepEqual(is, [content, uid, gid, mode.toString(8)]);
  }

  test("follows its own links: /home, /etc/resolv.conf, a merged /usr", async () => {
    directory("srv/home/alice", { uid: alice });
    link("home", "srv/home");
    directory("run/resolve");
    directory("etc");
    file("run/resolve/stub");
    link("etc/resolv.conf", "../run/resolve/stub");
    directory("usr/bin");
    link("bin", "usr/bin");
    await onBoth(async (files) => {
      await files.write(at("home/alice/file"), "new\n", {});
      has("srv/home/alice/file", "new\n", 0, 0o644);
      await files.write(at("etc/resolv.conf"), "nameserver\n", {});
      assert.equal(Buffer.from(await files.read(at("etc/resolv.conf"))).toString(), "nameserver\n");
      has("run/resolve/stub", "nameserver\n", 0, 0o644);
      await files.makeSymlink(at("bin/tool"), "x");
      assert.equal(fs.readlinkSync(at("usr/bin/tool")), "x");
    });
  });

  test("edits files of a web root, which stay the web server's", async () => {
    directory("www", { uid: www });
    await onBoth(async (files) => {
      file("www/index", { uid: www, mode: 0o640 });
      await files.write(at("www/index"), "new\n", { madeFrom: await files.read(at("www/index")) });
      has("www/index", "new\n", www, 0o640);
      await files.setMode(at("www/index"), 0o600);
      await files.makeDirectory(at("www/a/b"), { user: www, group: www, mode: 0o750 });
      assert.equal(fs.statSync(at("www/a/b")).uid, www);
      await files.remove([at("www/a")], "whole");
      await files.remove([at("www/index")], "none");
      assert.deepEqual(fs.readdirSync(at("www")), []);
    });
  });

  test("works in a checkout of the account that it was before", async () => {
    directory("checkout", { uid: alice });
    file("checkout/mine", { uid: alice, mode: 0o664 });
    await onBoth(async (files) => {
      await files.copy(at("checkout/copy"), at("checkout/mine"));
      has("checkout/copy", "old\n", alice, 0o664);
      assert.equal(await files.hash(at("checkout/copy")), await files.hash(at("checkout/mine")));
      assert.equal((await files.stat(at("checkout/mine")))?.uid, alice);
    });
  });

  test("names the link that it does not follow, and whose it is", async () => {
    directory("alice", { uid: alice });
    directory("victim");
    file("victim/file");
    link("alice/www", "../victim", alice);
    link("alice/roots", "../victim");
    await onBoth(async (files) => {
      for (const name of ["www", "roots"]) {
        const inner = at(`alice/${name}/file`);
        const says =
          name === "www"
            ? `the symlink ${at("alice/www")} belongs to uid ${alice}`
            : `${at("alice/roots")} is in ${at("alice")}, which uid ${alice} can change`;
        for (const work of [
          () => files.write(inner, "x", {}),
          () => files.read(inner),
          () => files.stat(inner),
          () => files.hash(inner),
          () => files.setMode(inner, 0o777),
          () => files.setOwner(inner, { user: alice }),
          () => files.remove([inner], "none"),
          () => files.remove([at(`alice/${name}/d`)], "whole"),
          () => files.makeDirectory(at(`alice/${name}/d`), {}),
          () => files.makeSymlink(at(`alice/${name}/l`), "x"),
          () => files.copy(at(`alice/${name}/c`), at("victim/file")),
          () => files.copy(at("copy"), inner),
        ]) {
          await assert.rejects(work(), (error: FileFailed) => {
            assert.ok(error instanceof FileFailed);
            assert.ok(error.message.includes(says), error.message);
            assert.match(error.hint ?? "", /asUser/);
            return true;
          });
        }
      }
      has("victim/file", "old\n", 0, 0o644);
      assert.deepEqual(fs.readdirSync(at("victim")), ["file"]);
    });
  });

  test("follows no link in a directory of its own that a group can write", async () => {
    directory("team", { gid: bob, mode: 0o775 });
    link("team/link", "../team");
    await onBoth(async (files) => {
      for (const name of ["team/link", "team/link/x"]) {
        await assert.rejects(
          files.read(at(name)),
          /the symlink \S+\/link is in \S+\/team, which others can change/,
        );
      }
    });
  });

  test("takes over nothing from a file that was put there before", async () => {
    directory("drop", { mode: 0o1777 });
    directory("hers", { uid: alice });
    await onBoth(async (files) => {
      file("drop/theirs", { uid: alice, mode: 0o6777 });
      await assert.rejects(
        files.write(at("drop/theirs"), "x", { user: 0 }),
        /it belongs to uid 12345/,
      );
      await assert.rejects(
        files.setOwner(at("drop/theirs"), { user: 0 }),
        /it belongs to uid 12345/,
      );
      file("hers/bobs", { uid: bob });
      await assert.rejects(files.write(at("hers/bobs"), "x", {}), /it belongs to uid 12346/);
      file("hers/tool", { uid: alice, mode: 0o6777 });
      await files.write(at("hers/tool"), "new\n", { user: 0, group: 0 });
      has("hers/tool", "new\n", 0, 0o755);
      file("hers/tool", { uid: alice, mode: 0o6777 });
      await files.setOwner(at("hers/tool"), { user: 0, group: 0 });
      has("hers/tool", "old\n", 0, 0o755);
      file("hers/tool", { uid: alice, mode: 0o6755 });
      await files.copy(at("copy"), at("hers/tool"));
      has("copy", "old\n", alice, 0o755);
      file("hers/hard");
      fs.rmSync(at("hers/name"), { force: true });
      fs.linkSync(at("hers/hard"), at("hers/name"));
      await assert.rejects(files.setOwner(at("hers/name"), { user: alice }), /it is a hard link/);
      for (const name of fs.readdirSync(at("hers"))) assert.ok(!name.startsWith("."), name);
    });
  });

  test("replaces only what it has read", async () => {
    directory("busy");
    await onBoth(async (files) => {
      file("busy/file", {}, "one\n");
      const madeFrom = await files.read(at("busy/file"));
      file("busy/file", {}, "two\n");
      const changed = (error: unknown) => error instanceof FileChanged;
      await assert.rejects(files.write(at("busy/file"), "three\n", { madeFrom }), changed);
      await assert.rejects(files.write(at("busy/file"), "x\n", { madeFrom: "none" }), changed);
      await assert.rejects(files.write(at("busy/no"), "x\n", { madeFrom }), changed);
      has("busy/file", "two\n", 0, 0o644);
      await files.write(at("busy/file"), "three\n", { madeFrom: Buffer.from("two\n") });
      has("busy/file", "three\n", 0, 0o644);
      assert.deepEqual(fs.readdirSync(at("busy")), ["file"]);
    });
  });

  test("lets nobody in by an ACL: neither to links nor to what is not finished yet", async () => {
    directory("victim2");
    file("victim2/file");
    directory("given");
    link("given/link", "../victim2");
    execFileSync("setfacl", ["-m", `u:${alice}:rwx`, at("given")]);
    await onBoth(async (files) => {
      const others = /given\/link is in \S+given, which others can change/;
      await assert.rejects(files.read(at("given/link/file")), others);
      await assert.rejects(files.write(at("given/link/file"), "x", {}), others);
    });
    directory("handed");
    execFileSync("setfacl", ["-d", "-m", `u:${alice}:rw`, at("handed")]);
    directory("wrapped");
    const openable = `for f in ./.consfig-*; do if [ -r "$f" ] || [ -w "$f" ]; then echo "$f"; fi; done`;
    const account = `setpriv --reuid ${alice} --regid ${alice} --clear-groups`;
    fs.writeFileSync(
      at("wrapped/cat"),
      `#!/bin/sh\n${account} sh -c '${openable}' >${at("opened")}\nexec /bin/cat "$@"\n`,
      { mode: 0o755 },
    );
    const found = { before: ["env", `PATH=${at("wrapped")}:${process.env.PATH}`] };
    const write = async (host: ShellSession) =>
      new HostFiles(host, false, undefined, {}).write(at("handed/secret"), new Secret("s"), {
        mode: 0o600,
      });
    await withSession(dash(), write, found);
    has("handed/secret", "s", 0, 0o600);
    assert.equal(fs.readFileSync(at("opened"), "utf8"), "");
  });

  test("takes a group without a name for one that others may be in", async () => {
    directory("numbers/group", { uid: bob, gid: www, mode: 0o775 });
    file("numbers/file");
    link("numbers/group/link", "../file", bob);
    const account = ["setpriv", "--reuid", bob, "--regid", bob, "--clear-groups", "--"].map(String);
    const read = async (host: ShellSession) => {
      const files = new HostFiles(host, false, undefined, {});
      await assert.rejects(files.read(at("numbers/group/link")), /which others can change/);
    };
    await withSession(dash(), read, { before: account });
  });

  test("works beside others, and after those who were killed", async () => {
    directory("killed", { uid: www });
    file("killed/file", { uid: www });
    const room = "killed/.consfig-0123456789abcdef01234567";
    directory(room, { mode: 0o700 });
    fs.linkSync(at("killed/file"), at(`${room}/old`));
    await onBoth(async (files) => {
      await files.setMode(at("killed/file"), 0o600);
    });
    has("killed/file", "old\n", www, 0o600);
    const hosts = await Promise.all(Array.from({ length: 4 }, async () => await session(dash())));
    for (let round = 0; round < 5; round++) {
      const writes = hosts.map(({ session: host }, i) =>
        new HostFiles(host, false, undefined, {}).write(at("killed/file"), `${i}\n`, {}),
      );
      await Promise.all(writes);
    }
    await Promise.all(hosts.map(({ session: host }) => host.close()));
    assert.equal(fs.statSync(at("killed/file")).nlink, 1);
  });

  test("edits what an overlay copies only then", async () => {
    for (const name of ["layers/low/www", "layers/seen", "layers/top"]) directory(name);
    own("layers/low/www", { uid: www });
    file("layers/low/www/file", { uid: www });
    const mounts = `cd ${at("layers")} && mount -t tmpfs none top && mkdir top/up top/work &&
      mount -t overlay none -o lowerdir=low,upperdir=top/up,workdir=top/work seen && exec "$@"`;
    const edit = async (host: ShellSession) => {
      const files = new HostFiles(host, false, undefined, {});
      const edited = at("layers/seen/www/file");
      await files.setMode(edited, 0o640);
      for (const content of ["1\n", "2\n"]) await files.write(edited, content, {});
      assert.equal(Buffer.from(await files.read(edited)).toString(), "2\n");
    };
    await withSession(dash(), edit, { before: ["unshare", "-m", "sh", "-c", mounts, "sh"] });
  });

  test("follows links where / belongs to an account that has no number here", async () => {
    directory("hers2", { uid: alice });
    file("hers2/file", { uid: alice });
    link("hers2/link", "file", alice);
    link("toHers", "hers2");
    const account = ["setpriv", "--reuid", alice, "--regid", alice, "--clear-groups", "--"].map(
      String,
    );
    const edit = async (host: ShellSession) => {
      const files = new HostFiles(host, false, undefined, {});
      await files.write(at("toHers/link"), "new\n", {});
    };
    await withSession(dash(), edit, { before: [...account, "unshare", "-r"] });
    has("hers2/file", "new\n", alice, 0o644);
  });

  test("does not say that nothing is there where it may not look", async () => {
    directory("closed", { mode: 0o700 });
    const account = ["setpriv", "--reuid", alice, "--regid", alice, "--clear-groups", "--"].map(
      String,
    );
    const look = async (host: ShellSession) => {
      const files = new HostFiles(host, false, undefined, {});
      for (const name of ["closed/x", "closed/x/y"]) {
        await assert.rejects(files.isEmptyDirectory(at(name)), /Permission denied/);
        await assert.rejects(files.remove([at(name)], "whole"), /Permission denied/);
      }
    };
    await withSession(dash(), look, { before: account });
  });

  test("takes a group for its owner's alone only if it has no members", async () => {
    directory("hisOwn/home", { uid: bob, mode: 0o775 });
    file("hisOwn/file");
    link("hisOwn/home/link", "../file", bob);
    file("hisOwn/passwd", {}, `root:x:0:0::/:/bin/sh\nbob:x:${bob}:${bob}::/:/bin/sh\n`);
    const mounts = `mount --bind ${at("hisOwn/passwd")} /etc/passwd &&
      mount --bind ${at("hisOwn/group")} /etc/group && exec "$@"`;
    const before = ["unshare", "-m", "sh", "-c", mounts, "sh", "setpriv", "--reuid"];
    before.push(String(bob), "--regid", String(bob), "--clear-groups", "--");
    for (const members of ["", "eve"]) {
      file("hisOwn/group", {}, `root:x:0:\nbob:x:${bob}:${members}\n`);
      const read = async (host: ShellSession) => {
        const reading = new HostFiles(host, false, undefined, {}).read(at("hisOwn/home/link"));
        if (members === "") assert.equal(Buffer.from(await reading).toString(), "old\n");
        else await assert.rejects(reading, /which others can change/);
      };
      await withSession(dash(), read, { before });
    }
  });
});
