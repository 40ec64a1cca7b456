/** A copy of what was compiled, in which one line at a time is broken, and specs are run. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { temporary } from "../engine/shell/helpers/shells.js";
import { cacheDirectory } from "../testbed/base.js";
import type { Mutant, SpecPart } from "./mutants.js";

/** What is broken, and what finds that by its own path. The rest of the clone is linked to. */
const copied = ["dist", "scripts"];

/** Whatever is broken, a spec ends by then. */
const limitMs = 2 * 60_000;

/**
 * Run in mount and pid namespaces of its own: the copy is `/mnt`, with the clone in it, and `/tmp` is
 * empty. What a broken spec leaves behind ends with the shell, which is the first process there.
 */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is sh
const inCopy = [
  'mount --bind "$1" /mnt && mount --rbind "$2" /mnt/clone && mount --rbind "$3" /mnt/cache',
  '[ "$?" = 0 ] && mount -t tmpfs -o mode=1777 tmpfs /tmp && cd /mnt || exit 125',
  'shift 3; "$@" & wait "$!"',
].join("; ");
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is sh

/** Prints each shell text of a module, as a line of JSON, while that is loaded. */
const shellTextsOf = `const { raw } = String;
  String.raw = (...given) => {
    const text = raw(...given);
    process.stdout.write(JSON.stringify(text.replaceAll("\\\\\${", "\${")) + "\\n");
    return text;
  };
  await import(process.argv[1]);`;

/** How many tests have passed and failed, and what was printed. */
export interface Ran {
  readonly passed: number;
  readonly failed: number;
  readonly text: string;
}

export class BrokenCopy {
  readonly #directory = temporary();

  constructor() {
    for (const name of ["clone", "cache", "home"]) fs.mkdirSync(this.#at(name));
    for (const name of fs.readdirSync(".")) {
      if (copied.includes(name)) fs.cpSync(name, this.#at(name), { recursive: true });
      else fs.symlinkSync(`clone/${name}`, this.#at(name));
    }
  }

  /** The spec's tests that are meant, unbroken. */
  async run({ spec, pattern, whole = false }: SpecPart): Promise<Ran> {
    const flags = ["--test-reporter=tap", `--test-name-pattern=${pattern}`];
    const words = [process.execPath, ...flags, `dist/spec/${spec}`];
    const text = await this.#start(words, whole ? { CONFSIG_LONG: "1" } : {});
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(text)?.[1]);
    // What takes too long has failed, and counts as cancelled.
    return { passed: count("pass"), failed: count("fail") + count("cancelled"), text };
  }

  /** The same once the line is broken, which stays well-formed. */
  async runBroken(mutant: Mutant): Promise<Ran> {
    const file = this.#at(mutant.file);
    const text = fs.readFileSync(file, "utf8");
    const found = text.split(mutant.from).length - 1;
    assert.equal(found, 1, `what is to be broken is in ${mutant.file} ${found} times`);
    try {
      fs.writeFileSync(
        file,
        text.replace(mutant.from, () => mutant.to),
      );
      await this.#assertWellFormed(mutant.file);
      await this.#join();
      return await this.run(mutant);
    } finally {
      fs.writeFileSync(file, text);
      await this.#join();
    }
  }

  /** The command runs from files that are made of the others. */
  async #join(): Promise<void> {
    assert.equal(await this.#start([process.execPath, "scripts/join.mjs"]), "");
  }

  async #assertWellFormed(file: string): Promise<void> {
    assert.equal(await this.#start([process.execPath, "--check", file]), "");
    const words = [process.execPath, "--input-type=module", "-e", shellTextsOf, `/mnt/${file}`];
    for (const line of (await this.#start(words)).split("\n").filter((one) => one !== "")) {
      const { stderr } = spawnSync("sh", ["-n", "-c", JSON.parse(line)], { encoding: "utf8" });
      assert.equal(stderr, "");
    }
  }

  #at(name: string): string {
    return path.join(this.#directory, name);
  }

  /** What the command prints in the copy. */
  async #start(words: readonly string[], further: NodeJS.ProcessEnv = {}): Promise<string> {
    const isolated = ["--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
    const inside = [
      "sh",
      "-c",
      inCopy,
      "sh",
      ...[this.#directory, process.cwd(), cacheDirectory()],
      ...words,
    ];
    const { CONFSIG_LONG: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const ours = { TMPDIR: "/tmp", HOME: "/mnt/home", CONFSIG_TESTBED_CACHE: "/mnt/cache" };
    const child = spawn("unshare", [...isolated, ...inside], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...env, ...ours, ...further },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (piece) => {
        text += piece;
      });
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
    const [code] = await once(child, "close");
    clearTimeout(timer);
    assert.notEqual(code, 125, text);
    return text;
  }
}
