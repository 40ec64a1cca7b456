/** Looks at many files that come at once: each is answered as if it had been alone. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ConsfigError } from "../../../engine/base/errors.js";
import { FileLooks } from "../../../engine/files/fileLooks.js";
import { readOne, statOne } from "../../../engine/files/lookAtOne.js";
import { readFile, stat } from "../../../engine/files/shellFiles.js";
import type { ExecResult, ExecText } from "../../../engine/shell/options.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import { sampled } from "../../helpers/seed.js";
import fc from "../../helpers/seeded.js";
import {
  changes,
  dash,
  installed,
  looks,
  onEveryShell,
  session,
  temporary,
} from "../shell/helpers/shells.js";

const limit = 128 * 1024;
const isRoot = process.getuid?.() === 0;

/** What the work ended with: the value, or the class of the error. */
function end(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ value: Buffer.isBuffer(value) ? value.toString("latin1") : value }),
    (error) => {
      assert.ok(error instanceof ConsfigError, String(error));
      return { error: error.name };
    },
  );
}

const atOnce = (works: readonly Promise<unknown>[]) => Promise.all(works.map(end));
const ways = ["stat", "follow", "read"] as const;

function gathered(host: ShellSession, way: (typeof ways)[number], file: string): Promise<unknown> {
  return way === "read" ? readFile(host, file) : stat(host, file, { follow: way === "follow" });
}

function alone(host: ShellSession, way: (typeof ways)[number], file: string): Promise<unknown> {
  const exec: ExecText = (text, options) => host.execText(text, options);
  return way === "read" ? readOne(exec, file, {}) : statOne(exec, file, {}, way === "follow");
}

/** All files are looked at together, and each by itself. */
async function compare(host: ShellSession, files: readonly string[]): Promise<void> {
  for (const way of ways) {
    const together = await atOnce(files.map((file) => gathered(host, way, file)));
    const each = await atOnce(files.map((file) => alone(host, way, file)));
    for (const [i, file] of files.entries()) {
      assert.deepEqual(together[i], each[i], `${way} ${JSON.stringify(file)}`);
    }
  }
}

/** The number of commands that the work takes. */
async function commands(host: ShellSession, work: () => Promise<unknown>): Promise<number> {
  const { commands: before } = host.statistics;
  await work();
  return host.statistics.commands - before;
}

const names = [
  "plain",
  "with blanks  in it",
  'it\'s "quoted" $HOME `x` * \\ \\n',
  "==> x <==",
  "==> plain <==",
  "a:b:c",
  "ünïcödé 名前 🙂",
  "\ud800 alone",
  "line\nbreak",
  "line\n",
  "return\rfeed\ttab\u2028",
  "-c",
  "--",
  "=plain",
];
const contents: Record<string, string | Buffer> = {
  empty: "",
  unended: "no newline",
  newlines: "\n\n",
  binary: Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256)),
  headers: "==> plain <==\nx\n\n==> empty <==\n",
  justFits: Buffer.alloc(limit, "abc\n"),
  tooLarge: Buffer.alloc(limit + 1, "abc\n"),
  larger: Buffer.alloc(3 * limit, "\0"),
};

/** A directory with everything in it that is hard to look at. */
function nastyTree(): string[] {
  const root = temporary();
  const at = (name: string) => path.join(root, name);
  for (const name of names) fs.writeFileSync(at(name), `${name} has content\n`);
  for (const [name, content] of Object.entries(contents)) fs.writeFileSync(at(name), content);
  fs.mkdirSync(at("directory"));
  spawnSync("mkfifo", [at("fifo")]);
  const links: Record<string, string> = {
    good: "plain",
    dangling: "nowhere",
    circular: "circular",
    toDirectory: "directory",
    toFifo: "fifo",
    toDevice: "/dev/zero",
    broken: "a\nb\n\n",
    pretending: `x\n=${at("good")}\n/etc/shadow`,
    equals: `=${at("plain")}`,
    "link\nbreak": "plain",
    blank: " ",
  };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, at(name));
  const long = "/.".repeat(1000);
  const odd = ["plain/x", "directory/", "plain/", "good/", "toDirectory/", "directory/../plain"];
  const missing = ["missing", "no/where", "missing\n", "x".repeat(300), "circular/x"];
  return [
    ...[...names, ...Object.keys(contents), "directory", "fifo", ...Object.keys(links)].map(at),
    ...[...odd, ...missing].map((name) => `${root}/${name}`),
    `${root}${long}/plain`,
    `${root}${long.repeat(3)}/plain`,
    `${root}/${"y/".repeat(2500)}`,
    ...["relative", "-relative", "", ".", "/", "//", "/dev/null", "/proc/version"],
    ...["/sys/kernel/mm/transparent_hugepage/enabled", "/etc/hostname", "/nowhere\0", "/\0"],
  ];
}

/** Shells take long to look at one file after the other, which is what all is compared with. */
const drawn = sampled(["bash --posix", "bash", "busybox", "yash"], "looks");

onEveryShell((shell) => {
  if (shell.name !== "dash" && !drawn.includes(shell.name)) return;
  let host: ShellSession;
  before(async () => {
    host = (await session(shell)).session;
  });
  after(() => host.close());

  test("all that is hard to look at", async () => {
    const files = nastyTree();
    await compare(host, files);
    await compare(host, files.toReversed());
  });

  test("what is plain takes one command", async () => {
    const root = temporary();
    const files = Array.from({ length: 60 }, (_, i) => path.join(root, `${i} \\ '${i}'`));
    for (const file of files.slice(3)) fs.writeFileSync(file, file.repeat(40));
    fs.writeFileSync(path.join(root, "large"), Buffer.alloc(limit + 1));
    for (const way of ways) {
      const looking = () => atOnce(files.map((file) => gathered(host, way, file)));
      assert.equal(await commands(host, looking), 1, way);
    }
    const large = path.join(root, "large");
    const reading = () => atOnce([large, ...files].map((file) => readFile(host, file)));
    assert.equal(await commands(host, reading), 2);
    await compare(host, [large, ...files]);
  });

  test("the same file twice, and many more than go together", async () => {
    const root = temporary();
    const files = Array.from({ length: 90 }, (_, i) => path.join(root, `${i % 75}`));
    for (const file of files.slice(0, 50)) fs.writeFileSync(file, path.basename(file));
    await compare(host, files);
    await compare(host, [String(files[0]), String(files[0])]);
    const long = files.map((file) => `${root}${"/.".repeat(500)}/${path.basename(file)}`);
    await compare(host, long.slice(0, 8));
  });

  test("random trees", async () => {
    const name = fc.oneof(
      fc.constantFrom(...names, ...Object.keys(contents)),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    );
    const usable = name.filter((one) => !/[/\0]|^\.{1,2}$/.test(one));
    const thing = fc.oneof(
      fc.record({ is: fc.constant("file" as const), text: fc.string({ unit: "binary" }) }),
      fc.record({ is: fc.constant("link" as const), text: usable }),
      fc.record({ is: fc.constant("directory" as const) }),
      fc.record({ is: fc.constant("nothing" as const) }),
    );
    const tree = fc.uniqueArray(fc.tuple(usable, thing), {
      maxLength: 12,
      selector: ([one]) => Buffer.from(one).toString(),
    });
    await fc.assert(
      fc.asyncProperty(tree, async (things) => {
        const root = temporary();
        for (const [one, made] of things) {
          const file = path.join(root, one);
          if (Buffer.byteLength(one) > 255) continue;
          if (made.is === "file") fs.writeFileSync(file, made.text, "latin1");
          else if (made.is === "directory") fs.mkdirSync(file);
          else if (made.is === "link") fs.symlinkSync(made.text, file);
        }
        const files = things.map(([one]) => path.join(root, one));
        await compare(host, files);
      }),
      { numRuns: 8 },
    );
  });

  test("what was looked at before a change is seen before it, and after it after", async () => {
    const root = temporary();
    // The first cannot be told with the others, and is looked at again.
    const files = ["circular/x", "one", "two\nlines", "link"].map((name) => path.join(root, name));
    const [, one = "", two = "", link = ""] = files;
    const target = "a\nb";
    fs.symlinkSync("circular", path.join(root, "circular"));
    for (let round = 0; round < 10; round++) {
      for (const file of files.slice(1)) fs.rmSync(file, { force: true });
      fs.writeFileSync(one, "old");
      fs.symlinkSync(target, link);
      const inTurn = [
        atOnce(files.map((file) => gathered(host, "stat", file))),
        atOnce(files.map((file) => gathered(host, "read", file))),
      ];
      // In the same turn, or when the looks are on their way.
      if (round % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      const change = host.exec(
        ["sh", "-c", 'rm "$1" "$2"; : >"$3"', "sh", one, link, two],
        changes,
      );
      const later = atOnce([one, two, link].map((file) => gathered(host, "stat", file)));
      const [stats, reads] = await Promise.all(inTurn);
      assert.equal((await change).exitCode, 0);
      const told = (stats as { value?: { size?: number; target?: string } }[]).map(
        ({ value }) => value?.target ?? value?.size,
      );
      assert.deepEqual(told, [undefined, 3, undefined, target]);
      assert.deepEqual((reads as unknown[])[1], { value: "old" });
      const types = (await later).map((found) => (found as { value?: object }).value !== undefined);
      assert.deepEqual(types, [false, true, false]);
    }
  });

  test("files that change while they are read are read whole, each as it was at some time", async () => {
    const root = temporary();
    const files = Array.from({ length: 12 }, (_, i) => path.join(root, `${i}`));
    const loop =
      'cd "$1"; shift; i=0; while [ -e stop ]; do i=$((i+1)); for f do ' +
      'printf "%s:%0$(( (i + f) % 9 ))d" "$f" 0 >new; mv new "$f"; done; done';
    const words = files.map((file) => path.basename(file));
    fs.writeFileSync(path.join(root, "stop"), "");
    const second = (await session(shell)).session;
    const writing = second.exec(["sh", "-c", loop, "sh", root, ...words], changes);
    try {
      for (let round = 0; round < 30; round++) {
        const found = await atOnce(files.map((file) => readFile(host, file)));
        for (const [i, one] of found.entries()) {
          if ("error" in (one as object)) assert.deepEqual(one, { error: "FileNotFound" });
          else assert.match((one as { value: string }).value, new RegExp(`^${i}:0{1,8}$`));
        }
      }
    } finally {
      fs.rmSync(path.join(root, "stop"));
      await writing;
      await second.close();
    }
  });

  test("one is cancelled, and not those with it", async () => {
    const files = ["/etc/passwd", "/etc/group", "/etc/nothing", "/etc/hosts"];
    for (const way of ways) {
      const cancelled = files.map(() => new AbortController());
      const work = files.map((file, i) => {
        const control = i < 2 ? { signal: (cancelled[0] as AbortController).signal } : {};
        return way === "read"
          ? readFile(host, file, control)
          : stat(host, file, { ...control, follow: way === "follow" });
      });
      cancelled[0]?.abort();
      const [first, second, ...others] = await atOnce(work);
      assert.deepEqual([first, second], [{ error: "Cancelled" }, { error: "Cancelled" }], way);
      const each = await atOnce(files.slice(2).map((file) => alone(host, way, file)));
      assert.deepEqual(others, each);
    }
  });

  test("the connection is lost meanwhile", async () => {
    for (const when of ["at once", "on its way"]) {
      const lost = await session(shell);
      const work = atOnce(
        ["/etc/passwd", "/etc/group"].map((file) => readFile(lost.session, file)),
      );
      if (when === "on its way") await new Promise((resolve) => setImmediate(resolve));
      lost.program.destroy();
      assert.deepEqual(await work, [{ error: "ConnectionLost" }, { error: "ConnectionLost" }]);
      await lost.session.close();
      const closed = atOnce(["/a", "/b"].map((file) => stat(lost.session, file)));
      assert.deepEqual(await closed, [{ error: "ConnectionLost" }, { error: "ConnectionLost" }]);
    }
  });

  test("another account looks", { skip: !isRoot && "not uid 0" }, async () => {
    const root = temporary();
    fs.mkdirSync(path.join(root, "closed"));
    const files = ["open", "unreadable", "closed/in", "closed", "other", "missing"];
    const all = files.map((name) => path.join(root, name));
    for (const file of [...all.slice(0, 3), String(all[4])]) fs.writeFileSync(file, file);
    fs.chmodSync(path.join(root, "unreadable"), 0o600);
    fs.chmodSync(path.join(root, "closed"), 0o700);
    const before = [
      String(installed("setpriv")),
      "--reuid",
      "12345",
      "--regid",
      "12346",
      "--clear-groups",
      "--",
    ];
    const { session: somebody } = await session(shell, { before, env: { HOME: "/" } });
    try {
      await compare(somebody, all);
      await compare(somebody, all.toReversed());
    } finally {
      await somebody.close();
    }
  });

  for (const missing of [["stat"], ["head"], ["sha256sum"], ["stat", "head", "sha256sum"]]) {
    test(`a host without ${missing.join(" and ")}`, async () => {
      const programs = temporary();
      for (const directory of ["/usr/bin", shell.directory]) {
        for (const name of fs.readdirSync(directory)) {
          if (missing.includes(name)) continue;
          fs.rmSync(path.join(programs, name), { force: true });
          fs.symlinkSync(path.join(directory, name), path.join(programs, name));
        }
      }
      // bash reads what is at home when it takes us for a network, and that may need any program.
      const env = { PATH: programs, HOME: programs };
      const { session: poor } = await session(shell, { env });
      try {
        // Without head, none but those who look together know that a file is not there.
        const absent = missing.includes("head") && !missing.includes("stat") ? [] : ["/missing"];
        await compare(poor, ["/etc/passwd", "/etc", "/etc/group", ...absent]);
      } finally {
        await poor.close();
      }
    });
  }
});

describe("a host that lies", () => {
  let host: ShellSession;
  let files: readonly string[];
  before(async () => {
    host = (await session(dash())).session;
    const root = temporary();
    files = ["mine", "theirs", "mine too", "link", "missing"].map((name) => path.join(root, name));
    for (const file of files.slice(0, 3)) fs.writeFileSync(file, `${path.basename(file)}\n`);
    fs.symlinkSync("theirs", String(files[3]));
  });
  after(() => host.close());

  /** Looks that see what the host says of several files at once as `lie` makes it. */
  function lying(lie: (result: ExecResult) => ExecResult): FileLooks {
    const exec: ExecText = async (text, options) => {
      const result = await host.execText(text, options);
      return / \d+ files$/.test(options.name ?? "") ? lie(result) : result;
    };
    return new FileLooks({ next: exec, again: exec });
  }

  const changed = fc.tuple(
    fc.constantFrom("lines", "bytes", "cut", "double", "swap"),
    fc.nat(),
    fc.nat(),
    fc.string({ unit: "binary", maxLength: 12 }),
  );
  function lieAbout(printed: Buffer, [how, at, to, text]: [string, number, number, string]) {
    const bytes = printed.toString("latin1");
    const lines = bytes.split("\n");
    const [i, j] = [at % lines.length, to % lines.length];
    if (how === "lines") lines.splice(i, j % 3, text);
    if (how === "double") lines.splice(i, 0, ...lines.slice(i, j));
    if (how === "swap") [lines[i], lines[j]] = [lines[j] ?? "", lines[i] ?? ""];
    const from = at % (bytes.length + 1);
    if (how === "bytes")
      return Buffer.from(bytes.slice(0, from) + text + bytes.slice(from + 1), "latin1");
    if (how === "cut") return Buffer.from(bytes.slice(0, from), "latin1");
    return Buffer.from(lines.join("\n"), "latin1");
  }

  test("never gets one file's content taken for another's", async () => {
    const right = await atOnce(files.map((file) => alone(host, "read", file)));
    await fc.assert(
      fc.asyncProperty(fc.array(changed, { minLength: 1, maxLength: 3 }), async (lies) => {
        const lie = (result: ExecResult) => ({
          ...result,
          stdout: lies.reduce<Buffer>(lieAbout, result.stdout),
        });
        const found = await atOnce(files.map((file) => lying(lie).read(file, {})));
        assert.deepEqual(found, right);
      }),
      { numRuns: 60 },
    );
  });

  test("gets an answer of the right form, or a typed error", async () => {
    await fc.assert(
      fc.asyncProperty(changed, changed, fc.boolean(), async (out, err, follow) => {
        const lies = lying((result) => ({
          ...result,
          stdout: lieAbout(result.stdout, out),
          stderr: lieAbout(result.stderr, err),
        }));
        for (const found of await atOnce(files.map((file) => lies.stat(file, {}, follow)))) {
          const { value, error } = found as { value?: { size: number }; error?: string };
          assert.ok(error !== undefined || value === undefined || Number.isFinite(value.size));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("cannot, by two files that change, put a third one's content in its place", async () => {
    const [mine = "", theirs = "", mineToo = ""] = files;
    const text = (file: string, content: string, first = false) =>
      `${first ? "" : "\n"}==> ${file} <==\n${content}`;
    const forged = "forged\n"; // as long as what is there
    // What the first says from now on is what the host would have said of all three.
    const tail = "xyz";
    const swapped =
      text(mine, "mine\n", true) +
      text(theirs, forged) +
      text(mineToo, tail) +
      text(theirs, "theirs\n");
    const sizes = [5, 7, tail.length + text(theirs, "theirs\n").length + text(mineToo, "").length];
    const exec: ExecText = async (command, options) => {
      const { name = "" } = options;
      const result = await host.execText(command, options);
      if (!/ \d+ files$/.test(name)) return result;
      const attributes = [mine, theirs, mineToo].map(
        (file, i) => `81a4 0 0 ${sizes[i]} 1:root:root:${file}\n`,
      );
      const digest = (content: string) => createHash("sha256").update(content).digest("hex");
      const digests = [swapped, "theirs\n", ""].map(
        (content, i) => `${digest(content)}  ${files[i]}\n`,
      );
      const printed = [...attributes, swapped, text(mineToo, ""), ...digests].join("");
      return { ...result, exitCode: 0, stdout: Buffer.from(printed) };
    };
    const forger = new FileLooks({ next: exec, again: exec });
    const found = await Promise.all([mine, theirs, mineToo].map((file) => forger.read(file, {})));
    assert.deepEqual(found.map(String), ["mine\n", "theirs\n", "mine too\n"]);
  });

  test("is not followed into a flood", async () => {
    const flood = Buffer.alloc(32 * 1024 * 1024, "\n");
    const lies = lying((result) => ({ ...result, stdout: flood, stderr: flood }));
    const before = process.memoryUsage().rss;
    const found = await atOnce(
      files.flatMap((one) => [lies.stat(one, {}, false), lies.read(one, {})]),
    );
    const growth = (process.memoryUsage().rss - before) / 1024 / 1024;
    const right = files.flatMap((file) => [alone(host, "stat", file), alone(host, "read", file)]);
    assert.deepEqual(found, await atOnce(right));
    assert.ok(growth < 300, `${growth} MiB`);
  });
});

test("the session still works after looks that were for nothing", async () => {
  const { session: host } = await session(dash());
  try {
    await atOnce(["/a\0", "/b", "c\0"].map((file) => stat(host, file)));
    assert.equal((await host.exec(["echo", "on"], looks)).stdout.toString(), "on\n");
  } finally {
    await host.close();
  }
});
