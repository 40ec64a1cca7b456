/**
 * What a Node on a host runs first, before it has any of our modules: it is sent as text, so it uses
 * nothing but what is in it. An old Node must be able to read it, to say that it is too old.
 */
import { deflateRawSync } from "node:zlib";
import { ownPlaces } from "../../../core/index.js";
import { requiredFlags } from "../../../zygote/client.js";
import { alwaysLoaded, type KeptModules, type ModuleSet, ourKey } from "../../modules/index.js";

/** The oldest major version of Node that an image can be. */
export const oldestNode = 20;

/** What is asked of the boot program: the first line that it reads. */
export interface BootOrder {
  readonly oldest: number;
  /** The set of modules, and the file that loads it. */
  readonly id: string;
  readonly loader: string;
  /**
   * Every file of it, in the order in which missing ones are sent. An addon is for one platform, e.g.
   * `linux-x64-glibc`: others do without it.
   */
  readonly files: readonly (readonly [hash: string, bytes: number, platform?: string])[];
  /** What to load besides the consfig; the last one's `serve` is called. */
  readonly modules: readonly string[];
}

/**
 * What it answers: the positions of the files that are missing, its process's number, and which Node
 * it is, for people; or the version of a Node that is too old; or why it cannot go on.
 */
export type BootAnswer =
  | { readonly missing: readonly number[]; readonly pid: number; readonly runtime: string }
  | { readonly node: string }
  | { readonly failed: string };

/** What an image loads besides the consfig: what every order may need, and what serves it. */
const modules = [...alwaysLoaded, `${ourKey}/engine/remote/image/serve.js`];

/** How a Node becomes a Node image. */
export interface ContinueDeployProgram {
  /** What follows the path of Node. */
  readonly words: readonly string[];
  /** What it reads first on its stdin, a line; the rest is {@link requestModules}. */
  readonly firstLine: string;
}

/** The program that turns a Node into a Node image made of these modules, and continues there. */
export function continueDeployProgram(requirements: ModuleSet): ContinueDeployProgram {
  const { id, loader, files } = requirements;
  const order: BootOrder = {
    oldest: oldestNode,
    id,
    loader,
    files: files.map(({ hash, bytes, platform }) =>
      platform === undefined ? [hash, bytes.length] : [hash, bytes.length, platform],
    ),
    modules,
  };
  bootWords ??= wordsOfBoot();
  return { words: bootWords, firstLine: JSON.stringify(order) };
}

let bootWords: readonly string[] | undefined;

/** What makes a Node load what is sent to it, in few bytes. */
function wordsOfBoot(): readonly string[] {
  const packed = deflateRawSync(bootText()).toString("base64");
  const text = `eval(String(require("zlib").inflateRawSync(Buffer.from("${packed}","base64"))))`;
  return [...requiredFlags, "-e", text];
}

/** An image can start another one, and in bundled modules functions are named by a call. */
function bootText(): string {
  return `const __name = (of) => of; (${boot.toString()})(require, ${ownPlaces.toString()})`;
}

/* Only what is inside can be used inside, and what is given. */
function boot(require: NodeJS.Require, placesOf: typeof ownPlaces): void {
  const fs = require("node:fs");
  const path = require("node:path");
  const { userInfo } = require("node:os");
  const { createHash, randomBytes } = require("node:crypto");
  /* To the byte: what follows is for whoever reads next, and must not be in this process before. */
  const read = (length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      try {
        const got = fs.readSync(0, bytes, done, length - done, null);
        if (got === 0) process.exit(0);
        done += got;
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN") throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
    return bytes;
  };
  const readLine = (): string => {
    let line = "";
    for (let byte = read(1); byte[0] !== 10; byte = read(1)) line += byte.toString("latin1");
    return line;
  };
  const say = (answer: BootAnswer): void => {
    fs.writeSync(1, `${JSON.stringify(answer)}\n`);
  };
  process.umask(0o077);
  const order = JSON.parse(readLine()) as BootOrder;
  if (Number(process.versions.node.split(".")[0]) < order.oldest) {
    say({ node: process.versions.node });
    process.exit(0);
  }
  /* The environment may be another account's. */
  const homes = (): readonly string[] => {
    const given = process.env.HOME || "/";
    try {
      return [given, userInfo().homedir];
    } catch {
      return [given]; // an account that has only a number
    }
  };
  /* Why modules are not kept below a home. */
  const reasons: string[] = [];
  let isForeign = false;
  const { makeOwnDirectory } = placesOf(fs);
  const directory = homes()
    .map((home) => path.join(home, ".cache", "consfigurator", "modules"))
    .find((wanted) => {
      try {
        makeOwnDirectory(wanted);
        fs.accessSync(wanted, fs.constants.W_OK);
        return true;
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        isForeign ||= code === undefined;
        reasons.push(message);
        return false;
      }
    });
  // An account cannot help what others have made in its home: then nothing is kept.
  if (directory === undefined && !isForeign) {
    say({ failed: reasons[0] ?? "" });
    process.exit(0);
  }
  let isKept = directory !== undefined;
  const pathOf = (hash: string): string => path.join(directory ?? "", `${hash}.cjs`);
  const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  /* By hash: what is loaded are the bytes that were looked at. */
  const held = new Map<string, Buffer>();
  const isForUs = (platform: string | undefined): boolean => {
    if (platform === undefined) return true;
    if (!platform.startsWith(`${process.platform}-${process.arch}-`)) return false;
    // As `ownLibc` finds it.
    const beginning = Buffer.alloc(4096);
    const program = fs.openSync(process.execPath, "r");
    fs.readSync(program, beginning, 0, beginning.length, 0);
    fs.closeSync(program);
    return platform.endsWith("-musl") === beginning.includes("/ld-musl-");
  };
  // What is there and is not what it was is sent again.
  const isMissing = ([hash, length, platform]: BootOrder["files"][number]): boolean => {
    if (!isForUs(platform)) return false;
    if (fs.statSync(pathOf(hash), { throwIfNoEntry: false })?.size !== length) return true;
    const bytes = fs.readFileSync(pathOf(hash));
    if (hashOf(bytes) === hash) held.set(hash, bytes);
    return !held.has(hash);
  };
  const missing = order.files.flatMap((file, index) => (isMissing(file) ? [index] : []));
  say({ missing, pid: process.pid, runtime: `${process.version} (${process.execPath})` });
  for (const index of missing) {
    const [hash, length] = order.files[index] as readonly [string, number];
    const bytes = read(length);
    if (hashOf(bytes) !== hash) throw new Error(`what was sent as ${hash} is something else`);
    held.set(hash, bytes);
    if (!isKept) continue;
    // As `replaceFileSync`, which is in one of the modules.
    const fresh = `${pathOf(hash)}.${randomBytes(12).toString("hex")}`;
    try {
      fs.writeFileSync(fresh, bytes, { mode: 0o600, flag: "wx" });
      fs.renameSync(fresh, pathOf(hash));
    } catch (error) {
      isKept = false;
      fs.rmSync(fresh, { force: true });
      reasons.push((error as Error).message);
    }
  }
  if (!isKept) process.stderr.write(`no modules are kept: ${reasons.join("; ")}\n`);
  /* As `trustModules`, which is in one of the modules. */
  Reflect.set(globalThis, Symbol.for("consfigurator.modulesAreChecked"), true);
  const Module = require("node:module");
  const loader = new Module(pathOf(order.loader));
  loader._compile(String(held.get(order.loader)), pathOf(order.loader));
  const { loadModules, ModulesDirectory } = loader.exports;
  const source = new ModulesDirectory(directory, held);
  const loaded = loadModules(source, order.id);
  let last: { serve(modules: KeptModules, order: BootOrder): void } | undefined;
  for (const module of order.modules) last = loaded.require(module);
  // Every copy of this process would have them in its memory.
  if (isKept) held.clear();
  if (last) last.serve(source, order);
}
