/** The way in: what may be printed on it, what it may ask, and how it may fail. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AuthenticationFailed,
  Cancelled,
  type ConsfigError,
  type ErrorClass,
  HopFailed,
  isError,
  SessionGarbled,
} from "../../../engine/base/errors.js";
import { Secret } from "../../../engine/base/secret.js";
import { quoteWords } from "../../../engine/base/sh.js";
import type { SessionOptions } from "../../../engine/shell/options.js";
import { shellWords } from "../../../engine/shell/program.js";
import { openShell } from "../../../engine/shell/session.js";
import { gone } from "../../helpers/processes.js";
import {
  changes,
  dash,
  looks,
  onEveryShell,
  type Shell,
  start,
  temporary,
  withSession,
} from "./helpers/shells.js";

const greeter = quoteWords(shellWords);
const password = "pass word'\"$é";

/** Text that runs the greeter behind a program that asks like sudo, and what it asks. */
function asking(times: number, then = `exec ${greeter}`) {
  const prompt = `[asked ${process.pid} ${times}] `;
  const script = path.join(temporary(), "asks");
  // Whoever types ahead has the wrong program read what is typed.
  fs.writeFileSync(
    script,
    `#!/bin/sh
for time in $(seq ${times}); do
  sleep 0.1; printf %s "$1" >&2; IFS= read -r answer || exit 3
  [ "$answer" = "$(cat ${script}.right)" ] && break
  echo "Sorry, try again." >&2
done
[ ${times} = 0 ] || [ "$answer" = "$(cat ${script}.right)" ] || exit 1
${then}
`,
    { mode: 0o755 },
  );
  fs.writeFileSync(`${script}.right`, password);
  return { prompt, text: `exec ${quoteWords([script, prompt])}`, script };
}

async function entered(shell: Shell, text: string, options: Partial<SessionOptions> = {}) {
  const command = { text, ...options };
  await withSession(
    shell,
    async (session) => {
      const result = await session.exec(["cat"], looks);
      assert.equal(`${result.stdout}${result.stderr}`, "");
      const { stdout, stderr } = await session.execText("echo a; echo b >&2", changes);
      assert.equal(`${stdout}${stderr}`, "a\nb\n");
    },
    command,
  );
}

async function refused(
  shell: Shell,
  text: string,
  errorClass: ErrorClass,
  options: Partial<SessionOptions> = {},
): Promise<ConsfigError> {
  const program = start(shell, { text });
  const opening = openShell(program, { description: "way", ...options });
  const error = await opening.then(
    () => assert.fail("it was entered"),
    (reason) => reason,
  );
  assert.ok(isError(error, errorClass), String(error));
  await gone([program.child.pid ?? 0]);
  return error;
}

onEveryShell((shell) => {
  const noises: Record<string, string> = {
    "on stdout": 'echo "Welcome!"; echo "consfig"',
    "on stderr": 'echo "Welcome!" >&2',
    "without a newline at the end": 'printf "> "; printf "# " >&2',
    "of 100 KiB": "head -c 100000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero >&2",
    "that looks like the greeting": 'printf "consfig-hellO\\nconsfig-hello"; printf "\\n"',
  };
  for (const [what, text] of Object.entries(noises)) {
    test(`noise ${what} is passed over`, () => entered(shell, `${text}; exec ${greeter}`));
  }

  test("a password is given when it is asked for", async () => {
    const { prompt, text } = asking(2);
    await entered(shell, text, { prompts: [{ text: prompt, answer: new Secret(password) }] });
  });

  test("no password is given when none is asked for", async () => {
    const { prompt, text } = asking(0);
    await entered(shell, text, { prompts: [{ text: prompt, answer: new Secret(password) }] });
  });

  test("two programs ask, one behind the other", async () => {
    const inner = asking(2);
    const outer = asking(3, inner.text);
    const prompts = [outer, inner].map(({ prompt }) => ({
      text: prompt,
      answer: new Secret(password),
    }));
    await entered(shell, outer.text, { prompts });
  });

  test("a wrong password", async () => {
    const { prompt, text } = asking(3);
    const prompts = [{ text: prompt, answer: new Secret("wrong") }];
    const error = await refused(shell, text, AuthenticationFailed, { prompts });
    assert.match(String(error.facts.output), /Sorry, try again/);
    assert.match(error.hint ?? "", /password/);
  });
});

test("more than 1 MiB of noise", async () => {
  for (const redirection of ["", " >&2"]) {
    const text = `head -c 1100000 /dev/zero${redirection}; exec ${greeter}`;
    await refused(dash(), text, SessionGarbled);
  }
});

test("the password is on no command line, in no environment and in no output", async () => {
  const { prompt, text } = asking(1);
  const seen: string[] = [];
  const look = () => {
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      for (const file of ["cmdline", "environ"]) {
        try {
          const content = fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
          if (content.includes(password)) seen.push(`${pid} ${file}`);
        } catch {} // ended meanwhile
      }
    }
  };
  const timer = setInterval(look, 5);
  try {
    await withSession(
      dash(),
      async (session) => {
        const result = await session.execText("cat; set; env; ps ax", looks);
        assert.ok(!`${result.stdout}${result.stderr}`.includes(password));
        await sleep(50);
      },
      { text, prompts: [{ text: prompt, answer: new Secret(password) }] },
    );
  } finally {
    clearInterval(timer);
  }
  assert.deepEqual(seen, []);
});

test("the way in ends: its exit code and what it printed are told", async () => {
  const error = await refused(dash(), "echo out; echo 'no such host' >&2; exit 5", HopFailed);
  assert.match(error.message, /exit code 5/);
  assert.equal(error.facts.output, "no such host");
  const quiet = await refused(dash(), "echo only out; exit 6", HopFailed);
  assert.equal(quiet.facts.output, "only out");
  const killed = await refused(dash(), "kill -KILL $$", HopFailed);
  assert.match(killed.message, /SIGKILL/);
});

test("the way in ends: hints", async () => {
  const missing = await refused(dash(), "exec no-such-program", HopFailed);
  assert.match(missing.hint ?? "", /not installed/);
  const asks = await refused(dash(), "echo 'sudo: a password is required' >&2; exit 1", HopFailed);
  assert.match(asks.hint ?? "", /passwordOf/);
});

test("what is printed on the way in cannot act on a terminal", async () => {
  const error = await refused(dash(), "printf '\\033[2J\\007x' >&2; exit 1", HopFailed);
  assert.equal(error.facts.output, "\\x1b[2J\\x07x");
});

test("a way in that does not come to an end", async () => {
  const options = { readyTimeoutMs: 300 };
  const error = await refused(dash(), "echo waiting; exec cat >/dev/null", HopFailed, options);
  assert.equal(error.facts.output, "waiting");
});

test("the way in is cancelled, before and while", async () => {
  const signal = AbortSignal.abort();
  await refused(dash(), `sleep 1; exec ${greeter}`, Cancelled, { signal });
  const later = new AbortController();
  setTimeout(() => later.abort(), 100);
  await refused(dash(), "exec cat >/dev/null", Cancelled, { signal: later.signal });
});

test("a shell that cannot be used is refused, and says why", async () => {
  const directory = temporary();
  const text = `printf() { return 1; }; eval ${quoteWords([String(shellWords[2]).replace("printf", "command printf")])}`;
  const error = await refused({ name: "other", words: ["dash"], directory }, text, HopFailed);
  assert.match(String(error.facts.output), /printf/);
});

test("what was printed last is told, also where the end is heard of first", async () => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.resume();
  const ended = Promise.resolve({ exitCode: 1 });
  const stream = { stdin, stdout, stderr, ended, destroy: () => {} };
  const opening = openShell(stream, { description: "late" });
  setTimeout(() => {
    stderr.end("su needs uid 0\n");
    stdout.end();
  }, 20);
  await assert.rejects(opening, (error) => {
    assert.ok(isError(error, HopFailed), String(error));
    return error.facts.output === "su needs uid 0";
  });
});
