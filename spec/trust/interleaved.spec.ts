/**
 * Somebody who owns the directory does the worst before each program that uid 0 runs there, one after
 * the other: each moment of each change is attacked once.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Secret } from "../../engine/base/index.js";
import { HostFiles } from "../../engine/files/hostFiles.js";
import type { ShellSession } from "../../engine/shell/session.js";
import { dash, session, temporary } from "../engine/shell/helpers/shells.js";
import { sampled } from "../helpers/seed.js";
import { givenAway, revealed, type Scene, scene, secret, stranger, untouchable } from "./scene.js";

const isRoot = process.getuid?.() === 0;

/** What uid 0 is told to do at the path. */
const deeds: Record<string, (files: HostFiles, file: string, all: Scene) => Promise<unknown>> = {
  "writes a file": (files, file) => files.write(file, "content\n", {}),
  "writes a file of root's": (files, file) => files.write(file, "x\n", { user: 0, group: 0 }),
  "writes a secret": (files, file) => files.write(file, new Secret(secret), { mode: 0o600 }),
  "edits a file": async (files, file) => {
    const madeFrom = await files.read(file);
    await files.write(file, Buffer.concat([madeFrom, Buffer.from("more\n")]), { madeFrom });
  },
  "makes a directory": (files, file) => files.makeDirectory(`${file}.d`, { user: 0, mode: 0o711 }),
  "makes directories": (files, file) => files.makeDirectory(`${file}.e/f/g`, {}),
  "sets a mode": (files, file) => files.setMode(file, 0o644),
  "gives a file to itself": (files, file) => files.setOwner(file, { user: 0, group: 0 }),
  "removes a file": (files, file) => files.remove([file], "none"),
  "removes a directory": (files, file) => files.remove([path.dirname(file)], "whole"),
  "makes a symlink": (files, file, { other }) => files.makeSymlink(`${file}.link`, other),
  "makes a copy": (files, file, { other }) => files.copy(file, other),
  "copies a file": (files, file, { root }) => files.copy(path.join(root, "copy"), file),
  "hashes a file": (files, file) => files.hash(file),
};

/** What they do, in sh: `$1` is the path, `$2` is what is outside. All of it is in their directory. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is sh
const attacks: Record<string, string> = {
  "a link to a set-uid program": 'ln -s "$2/tool" "$1.new"; swap "$1" "$1.new"',
  "a link to a file": 'ln -s "$2/file" "$1.new"; swap "$1" "$1.new"',
  "a link to a secret": 'ln -s "$2/shadow" "$1.new"; swap "$1" "$1.new"',
  "a link to a directory": 'ln -s "$2/directory" "$1.new"; swap "$1" "$1.new"',
  "a set-uid file that all can write": 'echo x >"$1.new"; chmod 6777 "$1.new"; swap "$1" "$1.new"',
  "a fifo": 'mkfifo "$1.new"; swap "$1" "$1.new"',
  "a directory that leads outside": 'p=${1%/*}; ln -s "$2/directory" "$p.new"; swap "$p" "$p.new"',
  "another directory":
    'p=${1%/*}; mkdir "$p.new"; ln -s "$2/file" "$p.new/${1##*/}"; swap "$p" "$p.new"',
  "something else under each new name":
    'for n in "${1%/*}"/.consfig-*; do ln -s "$2/directory" "$1.new"; swap "$n" "$1.new"; done',
  "fifos under each new name":
    'for n in "${1%/*}"/.consfig-*; do mkfifo "$1.new"; swap "$n" "$1.new"; done',
  "links where new directories are":
    'for n in d e; do ln -s "$2/directory" "$1.new"; swap "$1.$n" "$1.new"; done',
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is sh

/** The programs that uid 0 runs: they are counted, and the attack comes before one of them. */
const programs =
  "cat chgrp chmod chown cp getfacl head id ln ls mkdir mv readlink rm rmdir setfacl sha256sum stat sync";

describe("each moment", { skip: !isRoot && "not uid 0" }, () => {
  let host: ShellSession;
  let place: string;

  before(async () => {
    place = temporary();
    const wrapper = path.join(place, "wrapper");
    fs.writeFileSync(
      wrapper,
      `#!/bin/sh
read -r n <${place}/count; n=$((n + 1)); echo "$n" >${place}/count; read -r when <${place}/when
PATH=/usr/bin:/bin
[ "$n" != "$when" ] || sh ${place}/attack >/dev/null 2>&1
exec "\${0##*/}" "$@"
`,
      { mode: 0o755 },
    );
    fs.mkdirSync(path.join(place, "bin"));
    for (const name of programs.split(" ")) fs.linkSync(wrapper, path.join(place, "bin", name));
    const found = `PATH=${place}/bin:/usr/bin:/bin`;
    host = (await session(dash(), { before: ["env", found] })).session;
  });
  after(() => host.close());

  const write = (name: string, text: string | number) =>
    fs.writeFileSync(path.join(place, name), `${text}\n`);

  /** Whether there was such a moment. */
  async function attackedAt(moment: number, deed: string, attack: string): Promise<boolean> {
    const all = scene();
    const file = path.join(all.theirs, "sub/target");
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, "old\n");
    for (const one of [path.dirname(file), file]) fs.chownSync(one, stranger, stranger);
    const before = untouchable(all);
    write("count", 0);
    write("when", moment);
    write(
      "attack",
      `swap() { mv -T "$1" "${all.theirs}/gone"; mv -T "$2" "$1"; chown -h ${stranger} "$1"; }
set -- ${file} ${all.outside}
${attacks[attack]}`,
    );
    const signal = AbortSignal.timeout(20_000);
    const files = new HostFiles(host, false, undefined, { signal });
    await (deeds[deed] as (typeof deeds)[string])(files, file, all).catch(() => {});
    const happened = `${deed}, ${attack}, before program ${moment}`;
    assert.equal(signal.aborted, false, `${happened}: it did not end`);
    assert.deepEqual(untouchable(all), before, happened);
    assert.deepEqual(givenAway(all), [], happened);
    assert.deepEqual(revealed(all), [], happened);
    fs.rmSync(all.root, { recursive: true });
    return Number(fs.readFileSync(path.join(place, "count"), "utf8")) >= moment;
  }

  for (const deed of Object.keys(deeds)) {
    for (const attack of sampled(Object.keys(attacks), `interleaved ${deed}`)) {
      test(`${deed}, and there is ${attack}`, async () => {
        let moment = 1;
        while (await attackedAt(moment, deed, attack)) moment++;
        assert.ok(moment > 2);
      });
    }
  }
});
