/** Runs the real command in scratch directories. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export const main = fileURLToPath(new URL("../../joined/cli/main.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** All that has been printed, as soon as the text has been, on either stream. */
  printed(text: string): Promise<string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A directory for one test, with a home of its own, in which the command is run. */
export class Scratch {
  readonly directory = mkdtempSync(path.join(tmpdir(), "consfig-spec-"));

  constructor(t: { after(end: () => void): void }) {
    t.after(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  path(...parts: readonly string[]): string {
    return path.join(this.directory, ...parts);
  }

  write(file: string, content: string): string {
    const target = this.path(file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  }

  /** The command, run to its end. */
  consfig(...words: readonly string[]): Promise<Ended> {
    return this.start(words).ended;
  }

  start(words: readonly string[], env: Environment = {}, directory = "."): Running {
    return this.spawn([process.execPath, main, ...words], env, directory);
  }

  /** Any program, in the same surroundings as the command. */
  spawn(words: readonly string[], env: Environment = {}, directory = "."): Running {
    const [program = "", ...rest] = words;
    const child = spawn(program, rest, {
      cwd: this.path(directory),
      stdio: "pipe",
      env: {
        PATH: process.env.PATH,
        HOME: this.directory,
        XDG_CACHE_HOME: this.path(".cache"),
        TERM: "xterm",
        ...env,
      },
    });
    return watch(child);
  }
}

function watch(child: ChildProcessByStdio<Writable, Readable, Readable>): Running {
  let [stdout, stderr] = ["", ""];
  child.stdin.on("error", () => {});
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }));
  const printed = async (text: string) => {
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!`${stdout}\n${stderr}`.includes(text)) {
      if (over) throw new Error(`ended without printing ${text}:\n${stdout}\n${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return `${stdout}\n${stderr}`;
  };
  return { child, ended, printed };
}

/** A consfig with what most specs import. */
export function consfigOf(body: string): string {
  return [
    `import { described, host, keepGoing, onChange, posixProperty, script, sh } from "consfigurator";`,
    `import { local } from "consfigurator/connections/local";`,
    `import * as cmd from "consfigurator/properties/cmd";`,
    `import * as file from "consfigurator/properties/file";`,
    `void [described, host, keepGoing, onChange, posixProperty, script, sh, local, cmd, file];`,
    body,
  ].join("\n");
}

/** The line of the text in the consfig, for comparison with positions that are told. */
export function lineOf(consfig: string, text: string): number {
  const index = consfig.split("\n").findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`no line has ${text}`);
  return index + 1;
}
