/** What somebody else does at one moment, just before or after one of the programs that uid 0 runs. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, test } from "node:test";
import { Secret } from "../../../engine/base/index.js";
import { HostFiles } from "../../../engine/files/hostFiles.js";
import { dash, temporary, withSession } from "../shell/helpers/shells.js";

const alice = 12345;
const skip = process.getuid?.() !== 0 && "not uid 0";

describe("meanwhile", { skip }, () => {
  let root: string;
  const at = (name: string) => path.join(root, name);
  const read = (name: string) => fs.readFileSync(at(name), "utf8");

  /** `victim` is uid 0's own, and `hers` is alice's, with a file of hers in it. */
  beforeEach(() => {
    root = temporary();
    for (const name of ["victim", "hers"]) fs.mkdirSync(at(name));
    fs.writeFileSync(at("hers/file"), "old\n");
    for (const name of ["hers", "hers/file"]) fs.chownSync(at(name), alice, alice);
  });

  /** `deed` is shell text, in which `$r` is where all is. It is done each time that the program runs. */
  async function meanwhile(
    when: "before" | "after",
    program: string,
    deed: string,
    work: (files: HostFiles) => Promise<void>,
  ): Promise<void> {
    const programs = temporary();
    const run = `${program} "$@"; code=$?`;
    const steps = when === "before" ? `${deed}\n${run}` : `${run}\n${deed}`;
    const text = `#!/bin/sh\nPATH=/usr/bin:/bin r=${root}\n${steps}\nexit $code\n`;
    fs.writeFileSync(path.join(programs, program), text, { mode: 0o755 });
    const before = ["env", `PATH=${programs}:/usr/bin:/bin`];
    await withSession(dash(), (host) => work(new HostFiles(host, false, undefined, {})), {
      before,
    });
  }

  /** Another file of the same look, once. */
  const exchange =
    '[ -e "$r/gone" ] || { mv "$r/hers/file" "$r/gone"; cp -p "$r/gone" "$r/hers/file"; }';
  const replaced = /it was replaced meanwhile/;

  for (const [what, make] of Object.entries({
    "a directory of alice's": 'mkdir "$n"; chown 12345 "$n"',
    "a link to one of uid 0's": 'ln -s ../victim "$n"',
  })) {
    test(`nothing is made in a room that has become ${what}`, async () => {
      const deed = `for n in "$r"/hers/.consfig-*; do
        if [ -d "$n" ] && ! [ -e "$r/gone" ]; then mv "$n" "$r/gone"; ${make}; fi; done`;
      await meanwhile("after", "mkdir", deed, async (files) => {
        await assert.rejects(files.write(at("hers/file"), "new\n", {}), replaced);
      });
      assert.ok(fs.existsSync(at("gone")));
      assert.equal(read("hers/file"), "old\n");
    });
  }

  test("what is held is what was looked at", async () => {
    fs.writeFileSync(at("victim/file"), "", { mode: 0o600 });
    const deed = 'mv "$r/hers/file" "$r/gone"; ln -s ../victim/file "$r/hers/file"';
    await meanwhile("before", "ln", `[ -e "$r/gone" ] || { ${deed}; }`, async (files) => {
      await assert.rejects(files.setMode(at("hers/file"), 0o777), replaced);
    });
    assert.equal(fs.statSync(at("victim/file")).mode & 0o777, 0o600);
  });

  test("what was read is of the file that was looked at", async () => {
    await meanwhile("before", "dd", exchange, async (files) => {
      await assert.rejects(files.hash(at("hers/file")), replaced);
    });
  });

  test("a directory that is gone into is the one that was looked at", async () => {
    fs.mkdirSync(at("drop"));
    fs.chmodSync(at("drop"), 0o1777);
    for (const place of ["hers", "drop"]) {
      fs.mkdirSync(at(`${place}/sub`));
      fs.chownSync(at(`${place}/sub`), alice, alice);
      // Sessions ask for their account when they begin.
      const deed = `cd "$r/${place}"; [ -h sub ] || ! [ -e "$r/begun" ] || { mv sub "../$$"; ln -s ../victim sub; }; cd - >/dev/null`;
      await meanwhile("before", "id", deed, async (files) => {
        fs.writeFileSync(at("begun"), "");
        const written = files.write(at(`${place}/sub/new`), "new\n", {});
        await assert.rejects(written, /its directory was replaced meanwhile/);
      });
      assert.deepEqual(fs.readdirSync(at("victim")), []);
      fs.rmSync(at("begun"));
    }
  });

  test("a secret is never there for others to read", async () => {
    const deed = 'stat -c %a "$r"/victim/.consfig-* >>"$r/modes"';
    await meanwhile("before", "chmod", deed, (files) =>
      files.write(at("victim/secret"), new Secret("secret"), { mode: 0o600 }),
    );
    assert.equal(read("modes"), "600\n");
  });

  test("a content of which a part is lost is not written", async () => {
    fs.writeFileSync(at("victim/file"), "old\n");
    await meanwhile("before", "cat", "exec head -c 3", async (files) => {
      await assert.rejects(files.write(at("victim/file"), "new\n", {}), /arrived incomplete/);
    });
    assert.equal(read("victim/file"), "old\n");
  });

  test("a file that others can exchange is not read with others", async () => {
    fs.writeFileSync(at("victim/file"), "mine\n");
    await meanwhile("before", "head", 'echo "$*" >>"$r/words"', async (files) => {
      const both = [files.read(at("hers/file")), files.read(at("victim/file"))];
      assert.deepEqual((await Promise.all(both)).map(String), ["old\n", "mine\n"]);
    });
    const together = read("words").match(/^-v .*/gm);
    assert.equal(together?.length, 1);
    assert.doesNotMatch(String(together), /hers/);
  });
});
