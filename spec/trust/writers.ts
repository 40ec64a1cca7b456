/**
 * What is written where code, data and runs are kept, in steps that can fail or be the last: version `n` of it is
 * written into a directory, over what was there. As a program: `node writers.js NAME VERSIONS DIRECTORY`.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readSync, utimesSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { keepCode, pruneCache } from "../../cli/consfig/cache.js";
import { addHostKey } from "../../connections/ssh/addHostKey.js";
import type { Stop } from "../../connections/ssh/route.js";
import { replaceFile } from "../../core/index.js";
import { Journal } from "../../engine/journal/journal.js";
import { listRuns } from "../../engine/journal/read.js";
import { type ModuleSet, moduleFile } from "../../engine/modules/moduleSet.js";
import { keepModules, pruneModules } from "../../engine/modules/store.js";
import { dataDirectory, keepData, keepDataIn, keptItem } from "../../engine/remote/dataCache.js";
import { continueDeployProgram } from "../../engine/remote/index.js";

/** Something that is written. */
export interface Writer {
  write(directory: string, version: number): Promise<void> | void;
  /** The version that is there, whole; throws where what is there is neither. */
  read(directory: string): Promise<number> | number;
  /** What the program reads before it writes the version. */
  input?(version: number): string;
  /** So many writes later what a killed one has left is gone. */
  readonly writesUntilClean: number;
  /** Whether a process that could not write says so: caches are made again. */
  readonly tells: boolean;
}

const contentOf = (version: number) => `version ${version}\n${"x".repeat(10_000)}`;

/** The version of that content. */
function versionOf(content: string): number {
  const version = Number(/^version (\d+)\n/.exec(content)?.[1]);
  assert.equal(content, contentOf(version));
  return version;
}

/** The newest version in files whose names are made of the hash of their content, which has the version's. */
function newestByHash(
  directory: string,
  suffix: string,
  contentIn = (text: string) => text,
): number {
  const names = readdirSync(directory).filter((name) => name.endsWith(suffix));
  const versions = names.map((name) => {
    const content = readFileSync(path.join(directory, name), "utf8");
    const hash = createHash("sha256").update(content).digest("hex");
    assert.ok(hash.startsWith(name.slice(0, -suffix.length)), `${name} is whole`);
    return versionOf(contentIn(content));
  });
  return Math.max(...versions);
}

/** A module set of one file, which can load nothing. */
function tinySet(version: number): ModuleSet {
  const nothing =
    "{ loadModules: () => ({ require: () => ({ serve() {} }) }), ModulesDirectory: class {} }";
  const file = moduleFile("tiny", `module.exports = ${nothing};\n/*${contentOf(version)}*/`);
  return { id: file.hash, loader: file.hash, files: [file], places: {}, shared: [] };
}

const codeIn = (directory: string) => path.join(directory, "consfigurator/consfig");
const target = (directory: string) => path.join(directory, "program");

/** All of them, by name. */
export const writers: Readonly<Record<string, Writer>> = {
  "the cache of data": {
    write(directory, version) {
      keepDataIn(dataDirectory(directory));
      keepData("_x", "key", `${version}`, Buffer.from(contentOf(version)));
    },
    read(directory) {
      keepDataIn(dataDirectory(directory));
      const kept = keptItem("_x", "key");
      const version = versionOf(String(kept?.content));
      assert.equal(kept?.version, `${version}`);
      return version;
    },
    writesUntilClean: 1,
    tells: false,
  },
  modules: {
    write(directory, version) {
      keepModules(directory, [moduleFile("m", contentOf(version))]);
      pruneModules(directory);
    },
    read: (directory) => newestByHash(directory, ".cjs"),
    writesUntilClean: 1,
    tells: true,
  },
  "what an image is made of": {
    write(directory, version) {
      process.env.HOME = directory;
      const boot = continueDeployProgram(tinySet(version)).words.at(-1) ?? "";
      new Function("require", boot)(createRequire(import.meta.url));
    },
    input(version) {
      const set = tinySet(version);
      const bytes = set.files.map((file) => String(file.bytes)).join("");
      return `${continueDeployProgram(set).firstLine}\n${bytes}`;
    },
    read: (directory) =>
      newestByHash(path.join(directory, ".cache/consfigurator/modules"), ".cjs", (text) =>
        text.slice(text.indexOf("/*") + 2, -2),
      ),
    // Images remove them after a month.
    writesUntilClean: Number.POSITIVE_INFINITY,
    tells: false,
  },
  "compiled consfigs": {
    write(directory, version) {
      process.env.XDG_CACHE_HOME = directory;
      keepCode(contentOf(version));
      pruneCache();
    },
    read: (directory) => newestByHash(codeIn(directory), ".mjs"),
    writesUntilClean: 1,
    tells: false,
  },
  "an executable": {
    // As `dumpExecutable` does it when it has made one.
    write: (directory, version) =>
      replaceFile(target(directory), { mode: 0o600, prefix: ".consfig-" }, async (handle) => {
        await handle.writeFile(contentOf(version));
        await handle.chmod(0o755);
        await handle.sync();
      }),
    read: (directory) => versionOf(readFileSync(target(directory), "utf8")),
    writesUntilClean: 1,
    tells: true,
  },
  "a journal": {
    async write(directory, version) {
      process.env.XDG_STATE_HOME = directory;
      const command = { name: "deploy", words: [], options: {} };
      const hosts = [{ host: `h${version}`, chain: "ssh", tags: [], plan: "" }];
      const journal = await Journal.begin({ consfig: "/consfig.ts", command, hosts });
      await journal.end(0);
    },
    async read(directory) {
      process.env.XDG_STATE_HOME = directory;
      const runs = await listRuns();
      for (const { damage } of runs) assert.deepEqual(damage, []);
      const ended = runs.filter(({ state }) => state === "ended");
      return Math.max(
        ...ended.flatMap(({ hosts }) => [...hosts.keys()].map((h) => Number(h.slice(1)))),
      );
    },
    writesUntilClean: 0,
    tells: true,
  },
  "known hosts": {
    write(directory, version) {
      const names = { name: `h${version}` };
      const config = { userKnownHostsFiles: [path.join(directory, "ssh/known_hosts")] };
      // No more of a stop is looked at when all goes well.
      const stop = { names, config } as unknown as Stop;
      addHostKey(stop, { type: "ssh-ed25519", blob: Buffer.from("key") });
    },
    read(directory) {
      const text = readFileSync(path.join(directory, "ssh/known_hosts"), "utf8");
      assert.match(text, /^(h\d+ ssh-ed25519 a2V5\n)*$/);
      return Number(/h(\d+) \S+ \S+\n$/.exec(text)?.[1]);
    },
    writesUntilClean: 0,
    tells: true,
  },
};

/** All files below the directory. */
export function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.path, entry.name));
}

/** Time passes: all that is there was written long ago. */
function age(directory: string): void {
  const then = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000);
  for (const file of filesIn(directory)) utimesSync(file, then, then);
}

/** The program begins when it is told to, by a line. Between versions after the second time passes. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name = "", versions = "", directory = ""] = process.argv;
  assert.ok(existsSync(directory));
  writeSync(1, "ready\n");
  readSync(0, Buffer.alloc(1));
  for (const version of versions.split(",").map(Number)) {
    if (version > 2) age(directory);
    await writers[name]?.write(directory, version);
  }
}
