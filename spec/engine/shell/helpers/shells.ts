/** Sessions on real shells of this machine, for specs. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe } from "node:test";
import type { Words } from "../../../../engine/base/sh.js";
import type { ByteStream, StreamEnd } from "../../../../engine/model/byteStream.js";
import type { SessionOptions } from "../../../../engine/shell/options.js";
import { shellWords } from "../../../../engine/shell/program.js";
import { openShell, type ShellSession } from "../../../../engine/shell/session.js";

/** A POSIX shell that is `sh` for everything a session starts. */
export interface Shell {
  readonly name: string;
  /** How it is started, before `-c`. */
  readonly words: Words;
  /** Where `sh` is that shell: comes first in PATH. */
  readonly directory: string;
}

/** A local program and the stream to it. */
export interface Program extends ByteStream {
  readonly child: ChildProcess;
}

const candidates: Record<string, { words: Words; sh: string }> = {
  dash: { words: ["dash"], sh: "dash" },
  // bash is in POSIX mode when it is called sh.
  "bash --posix": { words: ["bash", "--posix"], sh: "bash" },
  bash: { words: ["bash"], sh: '#!/bin/bash\nexec /bin/bash "$@"\n' },
  busybox: { words: ["busybox", "sh"], sh: "busybox" },

  yash: { words: ["yash"], sh: "yash" },
};

const made: string[] = [];
after(() => {
  for (const directory of made) fs.rmSync(directory, { recursive: true, force: true });
});

/** A new directory, removed after the specs of this file. */
export function temporary(prefix = "spec-"): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), prefix)));
  made.push(directory);
  // Other accounts come here too.
  if (process.env.TMPDIR !== undefined) fs.chmodSync(process.env.TMPDIR, 0o711);
  fs.chmodSync(directory, 0o755);
  return directory;
}

/** Where the program is, if it is installed. */
export function installed(program: string): string | undefined {
  const { stdout, status } = spawnSync("sh", ["-c", 'command -v "$1"', "sh", program]);
  return status === 0 ? stdout.toString().trim() : undefined;
}

function shellNamed(name: string): Shell | undefined {
  const { words, sh } = candidates[name] ?? { words: [], sh: "" };
  const program = installed(String(words[0]));
  if (program === undefined) return undefined;
  const directory = temporary();
  if (name === "busybox") spawnSync("busybox", ["--install", "-s", directory]);
  const place = path.join(directory, "sh");
  fs.rmSync(place, { force: true });
  if (sh.startsWith("#!")) fs.writeFileSync(place, sh, { mode: 0o755 });
  else fs.symlinkSync(program, place);
  return { name, words, directory };
}

/** Declares the same specs for every shell; those that are not installed are skipped by name. */
export function onEveryShell(
  specs: (shell: Shell) => void,
  options: { concurrency?: number } = {},
): void {
  for (const name of Object.keys(candidates)) {
    const shell = shellNamed(name);
    describe(name, { ...options, skip: shell ? false : "not installed" }, () => {
      if (shell) specs(shell);
    });
  }
}

/** The shell that most specs run on that are not about the shell. */
export function dash(): Shell {
  const shell = shellNamed("dash");
  if (shell) return shell;
  throw new TypeError("dash is not installed");
}

/** What a program is started with. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Words that start the shell, before its own. */
  readonly before?: Words;
  /** The text it runs, instead of the greeter. */
  readonly text?: string;
}

/** The shell at the end of a stream. */
export function start(shell: Shell, surroundings: Surroundings = {}): Program {
  const { env = {}, before = [], text = String(shellWords[2]) } = surroundings;
  const [program, ...args] = [...before, ...shell.words, "-c", text].map(String);
  const child = spawn(program as string, args, {
    stdio: "pipe",
    detached: true,
    env: { ...process.env, PATH: `${shell.directory}:${process.env.PATH}`, ...env },
  });
  const ended = new Promise<StreamEnd>((resolve) => {
    child.once("error", () => resolve({ exitCode: 127 }));
    child.once("close", (code, signal) =>
      resolve({ ...(code === null ? {} : { exitCode: code }), ...(signal ? { signal } : {}) }),
    );
  });
  const { stdin, stdout, stderr } = child;
  const destroy = () => {
    for (const one of [stdin, stdout, stderr]) one.destroy();
  };
  return { child, stdin, stdout, stderr, ended, destroy };
}

/** A session on the shell, and the program it is in. */
export async function session(
  shell: Shell,
  options: Surroundings & Partial<SessionOptions> = {},
): Promise<{ session: ShellSession; program: Program }> {
  const { env, before, text, ...rest } = options;
  const surroundings = { ...(env && { env }), ...(before && { before }), ...(text && { text }) };
  const program = start(shell, surroundings);
  const opened = await openShell(program, { description: shell.name, ...rest });
  return { session: opened, program };
}

/** Runs the work with a session, which is closed afterwards. */
export async function withSession(
  shell: Shell,
  work: (session: ShellSession, program: Program) => Promise<void>,
  options: Surroundings & Partial<SessionOptions> = {},
): Promise<void> {
  const opened = await session(shell, options);
  try {
    await work(opened.session, opened.program);
  } finally {
    await opened.session.close();
  }
}

export const looks = { looks: true } as const;
export const changes = { looks: false } as const;
