import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { missing } from "../helpers/programs.js";
import type { Said } from "./helpers/askProgram.js";
import { scratchFolder } from "./helpers/folder.js";

const program = fileURLToPath(new URL("helpers/askProgram.js", import.meta.url));

describe("askpass", { skip: missing("script", "setsid"), timeout: 60_000 }, () => {
  const folder = scratchFolder();
  const children: ChildProcess[] = [];
  let count = 0;
  // One that still waits for an answer loses its terminal.
  after(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  interface Outcome extends Said {
    /** What stood on the terminal. */
    readonly screen: string;
  }

  /** Runs the program that wants these items; at the n-th question the n-th line is typed. */
  async function wants(
    items: readonly string[],
    by: { typed: readonly string[] } | { terminal: false },
    variables: NodeJS.ProcessEnv = {},
  ): Promise<Outcome> {
    const file = folder.path(`said${++count}`);
    const words = [process.execPath, program, file, ...items];
    const { SSH_ASKPASS: _program, SSH_ASKPASS_REQUIRE: _require, ...inherited } = process.env;
    const env = { ...inherited, ...variables };
    const child =
      "typed" in by
        ? spawn("script", ["-qefc", words.map((word) => `'${word}'`).join(" "), "/dev/null"], {
            env,
            stdio: "pipe",
          })
        : spawn("setsid", ["--wait", ...words], { env, stdio: "pipe" });
    children.push(child);
    const screen = await screenOf(child, "typed" in by ? by.typed : []);
    return { ...(JSON.parse(readFileSync(file, "utf8")) as Said), screen };
  }

  function screenOf(child: ChildProcess, typed: readonly string[]): Promise<string> {
    let screen = "";
    let answered = 0;
    const show = (chunk: Buffer) => {
      screen += chunk;
      const asked = screen.match(/\): |again: /g)?.length ?? 0;
      while (answered < Math.min(asked, typed.length)) child.stdin?.write(typed[answered++]);
    };
    child.stdout?.on("data", show);
    child.stderr?.on("data", show);
    return new Promise((resolve) => child.once("close", () => resolve(screen)));
  }

  /** A program that answers with the lines, one each time, and notes what it was asked. */
  function answering(...lines: string[]): { SSH_ASKPASS: string; asked(): string[] } {
    const name = `ask${++count}`;
    folder.write(`${name}.lines`, lines.map((line) => `${line}\n`).join(""));
    const place = folder.path(name);
    folder.write(
      name,
      `#!/bin/sh
printf '%s\\n' "$1" >> '${place}.asked'
n=$(wc -l < '${place}.asked')
[ "$n" -le ${lines.length} ] || exit 1
sed -n "$n"p '${place}.lines'
`,
      0o700,
    );
    return {
      SSH_ASKPASS: place,
      asked: () => readFileSync(`${place}.asked`, "utf8").split("\n").slice(0, -1),
    };
  }

  test("asks on the terminal, twice, once for all; nothing typed is shown", async () => {
    const { items, versions, screen, terminal, open } = await wants(["a", "b"], {
      typed: ["hunter2\r", "hunter2\r", "gr\u00fc\u00dfe\r", "gr\u00fc\u00dfe\r"],
    });
    assert.deepEqual(items, ["hunter2", "grüße", "hunter2", "grüße", "hunter2", "grüße"]);
    assert.equal(new Set(versions).size, 2);
    assert.match(screen, /\(_site, a\): \r?\n\(_site, a\), again: /);
    assert.doesNotMatch(screen, /hunter|gr/);
    assert.match(terminal, / icanon/);
    assert.match(terminal, / echo /);
    // Another question opens no more.
    assert.equal(open, (await wants(["a"], { typed: ["x\r", "x\r"] })).open);
  });

  test("keys that mend a line do so", async () => {
    const { items } = await wants(["a"], { typed: ["wrong\x15hunter3\x7f2\r", "hunter2\n"] });
    assert.equal(items[0], "hunter2");
  });

  test("asks again when the answers differ, or there is none", async () => {
    const { items, screen } = await wants(["a"], { typed: ["x\r", "y\r", "\r", "z\r", "z\r"] });
    assert.equal(items[0], "z");
    assert.match(screen, /not the same\. \(_site, a\): .*Nothing was typed\. \(_site, a\): /s);
  });

  test("gives up when that goes on, and asks again the next time", async () => {
    const { SSH_ASKPASS, asked } = answering(..."12345678".split(""), "9", "9");
    const { items, errors } = await wants(["a"], { terminal: false }, { SSH_ASKPASS });
    assert.deepEqual(items, ["E_DATA", "E_DATA", "9"]);
    assert.match(errors[0] ?? "", /no answer was given for \(_site, a\)/);
    assert.equal(asked().length, 10);
  });

  test("Ctrl-C ends the question, and all the rest", async () => {
    const { items, interrupted, terminal } = await wants(["a"], { typed: ["hunt\x03", "\x03"] });
    assert.equal(items[0], "E_CANCELLED");
    assert.ok(interrupted);
    assert.match(terminal, / icanon/);
  });

  test("asks by SSH_ASKPASS where there is no terminal, or when that is preferred", async () => {
    for (const [by, SSH_ASKPASS_REQUIRE] of [
      [{ terminal: false }, ""],
      [{ typed: [] }, "prefer"],
    ] as const) {
      const { SSH_ASKPASS, asked } = answering("it's $x", "it's $x");
      const { items } = await wants(["a"], by, { SSH_ASKPASS, SSH_ASKPASS_REQUIRE });
      assert.equal(items[0], "it's $x");
      assert.deepEqual(asked(), ["(_site, a): ", "(_site, a), again: "]);
    }
  });

  test("asks on the terminal, where there is one", async () => {
    const { SSH_ASKPASS } = answering("wrong", "wrong");
    const { items } = await wants(["a"], { typed: ["x\r", "x\r"] }, { SSH_ASKPASS });
    assert.equal(items[0], "x");
  });

  test("says so when nobody can be asked, or nobody answers", async () => {
    const none = await wants(["a"], { terminal: false });
    assert.equal(none.items[0], "E_DATA_SOURCE");
    const cancelled = await wants(
      ["a"],
      { terminal: false },
      { SSH_ASKPASS: answering().SSH_ASKPASS },
    );
    assert.equal(cancelled.items[0], "E_DATA_SOURCE");
    assert.match(cancelled.errors[0] ?? "", /exit code 1/);
  });

  test("has only items that the patterns match as a whole", async () => {
    const { items } = await wants(["aa", "xb"], { terminal: false });
    assert.deepEqual(new Set(items), new Set(["E_DATA"]));
  });
});
