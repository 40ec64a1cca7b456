/** Directories of another account at every place from which this machine's code or data is loaded. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import {
  dataDirectory,
  foreignPartOfData,
  keepData,
  keepDataIn,
  keptItem,
} from "../../engine/remote/dataCache.js";
import { ownPlatform } from "../../zygote/client.js";
import { type Ended, main, Scratch } from "../cli/command.js";
import { isWhole, sampled } from "../helpers/seed.js";
import { openings, stranger } from "./strangers.js";

const consfig = `import { host } from "consfigurator";\nexport const one = host("one");\n`;
const skip = process.geteuid?.() !== 0 && "not uid 0";

/** Code that tells that it has run. */
function evil(told: string): string {
  return `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(told)}, "");\n`;
}

/** Everything below the directory, with who it belongs to, and when something was last made in it. */
function listing(directory: string): readonly string[] {
  const names = fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => {
    const { uid, size, mtimeMs } = fs.lstatSync(path.join(directory, name));
    return `${name} ${uid} ${size} ${mtimeMs}`;
  });
}

describe("a consfig that is found by itself", { skip }, () => {
  /** In `work/sub`, below what was done to `work`. */
  async function run(scratch: Scratch, words: readonly string[] = [], env = {}): Promise<Ended> {
    return scratch.start(["hosts", ...words], env, "work/sub").ended;
  }

  function scratchOf(t: { after(end: () => void): void }): Scratch {
    const scratch = new Scratch(t);
    scratch.write("work/consfig.ts", `${evil(scratch.path("ran"))}${consfig}`);
    fs.mkdirSync(scratch.path("work/sub"));
    return scratch;
  }

  // A working directory is known by its real path, whatever link has led there.
  const namedDirectories = Object.entries(openings).filter(
    ([name]) => !name.startsWith("is a link"),
  );
  const ways: Readonly<Record<string, (scratch: Scratch) => void>> = {
    ...Object.fromEntries(
      sampled(namedDirectories, "consfig").map(([name, open]) => [
        `in a directory that ${name}`,
        (scratch: Scratch) => open(scratch.path("work")),
      ]),
    ),
    "that belongs to another account": (scratch) =>
      fs.chownSync(scratch.path("work/consfig.ts"), stranger, stranger),
    "that another account has put in a directory like /tmp": (scratch) => {
      fs.chmodSync(scratch.path("work"), 0o1777);
      fs.chownSync(scratch.path("work/consfig.ts"), stranger, stranger);
    },
    "that is a link to one of another account": (scratch) => {
      fs.renameSync(scratch.path("work/consfig.ts"), scratch.path("real.ts"));
      fs.chownSync(scratch.path("real.ts"), stranger, stranger);
      fs.symlinkSync(scratch.path("real.ts"), scratch.path("work/consfig.ts"));
    },
    "that imports what another account has put above it": (scratch) => {
      scratch.write("work/consfig.ts", `import "lib";\n${consfig}`);
      scratch.write("node_modules/lib/package.json", `{"name":"lib","main":"index.js"}`);
      const file = scratch.write("node_modules/lib/index.js", evil(scratch.path("ran")));
      fs.chownSync(file, stranger, stranger);
    },
  };

  for (const [name, open] of Object.entries(ways)) {
    test(`is not run ${name}, unless it is named`, async (t) => {
      const scratch = scratchOf(t);
      open(scratch);
      const { code, stderr } = await run(scratch);
      assert.ok(!fs.existsSync(scratch.path("ran")));
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /E_CONSFIG_INVALID .* is not run: \/\S+ (belongs to|can be written by) /,
      );
      assert.match(stderr, /--consfig FILE/);
      if (!isWhole && !name.includes("imports")) return;
      const named = await run(scratch, ["--consfig", scratch.path("work/consfig.ts")]);
      assert.equal(named.code, 0, named.stderr);
    });
  }

  test("is run where it belongs to who has called sudo, or is ours in a directory like /tmp", async (t) => {
    const scratch = scratchOf(t);
    for (const one of ["work", "work/consfig.ts"]) {
      fs.chownSync(scratch.path(one), stranger, stranger);
    }
    const sudo = await run(scratch, [], { SUDO_UID: `${stranger}` });
    assert.equal(sudo.code, 0, sudo.stderr);
    for (const SUDO_UID of ["1", `${stranger}x`, ""]) {
      assert.equal((await run(scratch, [], { SUDO_UID })).code, 1);
    }
    for (const one of ["work", "work/consfig.ts"]) fs.chownSync(scratch.path(one), 0, 0);
    fs.chmodSync(scratch.path("work"), 0o1777);
    assert.equal((await run(scratch)).code, 0);
  });
});

describe("what the environment says", { skip }, () => {
  /** Each with what else is said, so that it is the one that is followed. */
  const variables: Readonly<Record<string, NodeJS.ProcessEnv>> = {
    HOME: { XDG_CACHE_HOME: undefined },
    XDG_CACHE_HOME: {},
    TMPDIR: { XDG_CACHE_HOME: "/dev/null" },
  };

  for (const [variable, others] of Object.entries(variables)) {
    for (const [name, open] of sampled(Object.entries(openings), variable)) {
      test(`is not followed where ${variable} ${name}`, async (t) => {
        const scratch = new Scratch(t);
        scratch.write("consfig.ts", consfig);
        fs.mkdirSync(scratch.path("above/theirs"), { recursive: true });
        open(scratch.path("above/theirs"));
        const before = listing(scratch.path("above"));
        const env = { ...others, [variable]: scratch.path("above/theirs") };
        const { code, stderr } = await scratch.start(["hosts"], env).ended;
        assert.equal(code, 0, stderr);
        assert.deepEqual(listing(scratch.path("above")), before, "nothing was put there");
      });
    }
  }

  test("need not say anything where /tmp is read-only, as long as something else can be written", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    const run = (readOnly: readonly string[]) => {
      const mounts = readOnly.map((one) => `mount -t tmpfs -o ro tmpfs ${one}`);
      // The directory of this test is below /tmp.
      const steps = ['mount --bind "$PWD" /mnt', ...mounts, "cd /mnt", 'exec "$0" "$@"'];
      const words = ["unshare", "--mount", "sh", "-c", steps.join(" && ")];
      const env = { HOME: "/mnt", XDG_CACHE_HOME: "/dev/null" };
      return scratch.spawn([...words, process.execPath, main, "hosts"], env).ended;
    };
    const elsewhere = await run(["/tmp"]);
    assert.equal(elsewhere.code, 0, elsewhere.stderr);
    const { code, stderr } = await run(["/tmp", "/var/tmp", "/dev/shm"]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /E_USAGE .*no place for compiled consfigs.*EROFS/);
    assert.match(stderr, /set XDG_CACHE_HOME to such a directory, or set TMPDIR/);
  });

  test("does not lead to code that is swapped in another's home", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    const run = (home: string) =>
      scratch.start(["hosts"], { HOME: scratch.path(home), XDG_CACHE_HOME: undefined }).ended;
    fs.mkdirSync(scratch.path("first"));
    assert.equal((await run("first")).code, 0);
    const kept = ".cache/consfigurator/consfig";
    const codes = fs.readdirSync(scratch.path("first", kept)).filter((name) => /mjs$/.test(name));
    assert.equal(codes.length, 1);
    scratch.write(`home/.evil/consfigurator/consfig/${codes[0]}`, evil(scratch.path("ran")));
    fs.mkdirSync(scratch.path("home", kept), { recursive: true });
    for (const one of ["home", "home/.evil"]) fs.chownSync(scratch.path(one), stranger, stranger);
    // The stranger knows when by chance.
    const timer = setInterval(() => {
      if (!fs.existsSync(scratch.path("home", kept, codes[0] ?? ""))) return;
      fs.renameSync(scratch.path("home/.cache"), scratch.path("home/.ours"));
      fs.renameSync(scratch.path("home/.evil"), scratch.path("home/.cache"));
      clearInterval(timer);
    }, 1);
    t.after(() => clearInterval(timer));
    const { code, stderr } = await run("home");
    assert.equal(code, 0, stderr);
    assert.ok(!fs.existsSync(scratch.path("ran")));
  });

  for (const [name, open] of sampled(Object.entries(openings), "journal")) {
    test(`does not say where runs are recorded, where that ${name}`, async (t) => {
      const scratch = new Scratch(t);
      scratch.write(
        "consfig.ts",
        `import { host } from "consfigurator";
        import { local } from "consfigurator/connections/local";
        export const one = host("one", { deploy: [local()] });`,
      );
      fs.mkdirSync(scratch.path("above/theirs"), { recursive: true });
      open(scratch.path("above/theirs"));
      const env = { XDG_STATE_HOME: scratch.path("above/theirs") };
      const { code, stderr } = await scratch.start(["deploy"], env).ended;
      assert.notEqual(code, 0);
      assert.match(stderr, /E_JOURNAL .*(belongs to|can be written by)/);
    });
  }
});

describe("on a machine that is managed", { skip }, () => {
  test("data are not taken from a home that others can change, and not kept there", (t) => {
    const scratch = new Scratch(t);
    for (const [name, open] of Object.entries(openings)) {
      for (const below of [".", ".cache", ".cache/consfigurator/data/_5F_x"]) {
        const above = scratch.path(name, String(below.length));
        const home = path.join(above, "home");
        const kept = path.join(dataDirectory(home), "_5F_x/key");
        fs.mkdirSync(kept, { recursive: true });
        fs.writeFileSync(path.join(kept, "9"), "of a stranger");
        keepDataIn(dataDirectory(home));
        assert.equal(keptItem("_x", "key")?.version, "9", "it would be taken");
        open(path.join(home, below));
        const before = listing(above);
        assert.equal(keptItem("_x", "key"), undefined);
        keepData("_x", "key", "10", Buffer.from("ours"));
        assert.deepEqual(listing(above), before, "nothing was put there");
        const part = foreignPartOfData();
        if (!below.includes("data")) assert.match(part ?? "", /belongs to|can be written by/);
      }
    }
  });

  test("an addon is not loaded by a name in a directory of others", async (t) => {
    const scratch = new Scratch(t);
    const theirs = scratch.path("theirs");
    fs.mkdirSync(theirs);
    fs.chownSync(theirs, stranger, stranger);
    const built = new URL(`../../zygote/prebuilds/${ownPlatform()}.node`, import.meta.url);
    const modules = new URL("../../engine/modules/inlineModules.js", import.meta.url);
    const file = scratch.write(
      "program.mjs",
      `import fs from "node:fs";
      import { InlineModules } from ${JSON.stringify(modules.href)};
      const bytes = fs.readFileSync(new URL(${JSON.stringify(built.href)}));
      const names = [];
      const load = process.dlopen;
      process.dlopen = (module, name) => {
        names.push(name);
        return load.call(process, module, name);
      };
      const addons = { hash: bytes.toString("base64") };
      const source = new InlineModules({ manifest: {}, wrappers: {}, builtins: {}, addons });
      const exported = Object.keys(source.addon("hash", "addon"));
      console.log(JSON.stringify({ exported, names }));`,
    );
    const env = { XDG_RUNTIME_DIR: theirs };
    const { stdout, stderr } = await scratch.spawn([process.execPath, file], env).ended;
    assert.equal(stderr, "");
    const { exported, names } = JSON.parse(stdout) as Record<string, string[]>;
    assert.ok((exported?.length ?? 0) > 0);
    assert.match(names?.join(" ") ?? "", /^(\/proc\/self\/fd\/\d+ ?)+$/);
  });
});
