/** What of a prerequest there still is in the executable that is made afterwards. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { Scratch } from "../cli/command.js";

const consfig = `
import { createServer } from "node:net";
import { evalInReinvoked, form, host, nodeProperty } from "consfigurator";
import { local } from "consfigurator/connections/local";
import { z } from "zod";

const none = z.tuple([]);
const kept = { text: "", at: undefined, call: () => "nothing", map: new Map() };
export const sets = form("my.sets", {
  args: z.tuple([z.string()]),
  evaluate: async (text) => {
    await Promise.resolve();
    kept.text = text;
    kept.at = new Date(0);
    kept.call = () => text.toUpperCase();
    kept.map.set(kept, [text]);
    process.env.LEFT = text;
    process.chdir("/usr");
  },
});
export const gets = form("my.gets", {
  args: z.tuple([z.string()]),
  evaluate: (text) => {
    console.log("out");
    console.error("err");
    return [kept.text, String(kept.at?.getTime()), kept.call(), kept.map.get(kept)?.[0] ?? "", text, String(process.env.LEFT), String(process.cwd() === "/usr")];
  },
});
export const ends = form("my.ends", {
  args: z.tuple([z.string()]),
  evaluate: (how) => {
    if (how === "throws") throw new RangeError("it went wrong");
    if (how === "killed") process.kill(process.pid, "SIGKILL");
    process.exit(7);
  },
});
export const opens = form("my.opens", { args: none, evaluate: () => { createServer().listen(0); } });
export const waits = form("my.waits", { args: none, evaluate: () => new Promise(() => {}) });
export const fails = form("my.fails", { args: none, evaluate: async () => { throw new Error("not ready"); } });
const cases = {
  state: () => evalInReinvoked(sets("text"), gets("asked")),
  none: () => evalInReinvoked(null, gets("asked")),
  throws: () => evalInReinvoked(null, ends("throws")),
  killed: () => evalInReinvoked(null, ends("killed")),
  exits: () => evalInReinvoked(null, ends("exits")),
  opens: () => evalInReinvoked(opens(), gets("x")),
  waits: () => evalInReinvoked(waits(), gets("x")),
  fails: () => evalInReinvoked(fails(), gets("x")),
};
const tries = nodeProperty<[string]>("my.tries", {
  args: z.tuple([z.string()]),
  apply: async (on, name) => {
    on.inform("got: " + JSON.stringify(await cases[name]()));
    return "unchanged";
  },
});
export const hosts = Object.keys(cases).map((name) => host(name, { deploy: [local()] }, tries(name)));
`;

interface Got {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly value?: unknown;
  readonly error?: { readonly name: string };
  readonly stdout: string;
  readonly stderr: string;
}

test("a request in a process that was made anew", async (t) => {
  const scratch = new Scratch(t);
  scratch.write("consfig.ts", consfig);
  const got = async (name: string) => {
    const { stderr } = await scratch.start(["deploy", "-v", name], { TMPDIR: scratch.directory })
      .ended;
    const text = /got: (.*)$/m.exec(stderr)?.[1];
    return { stderr, ...(text ? (JSON.parse(text) as Got) : undefined) } as Got;
  };
  await t.test("what the prerequest left in memory is there, and nothing else", async () => {
    assert.deepEqual(await got("state"), {
      exitCode: 0,
      signal: null,
      value: ["text", "0", "TEXT", "text", "asked", "undefined", "false"],
      stdout: "out\n",
      stderr: "err\n",
    });
  });
  await t.test("without one nothing has happened", async () => {
    const { value } = await got("none");
    assert.deepEqual((value as string[]).slice(0, 5), ["", "undefined", "nothing", "", "asked"]);
  });
  await t.test("however it ends", async () => {
    const threw = await got("throws");
    assert.deepEqual([threw.exitCode, threw.error?.name], [1, "RangeError"]);
    assert.equal((await got("exits")).exitCode, 7);
    assert.equal((await got("killed")).signal, "SIGKILL");
  });
  await t.test("a prerequest that leaves something open, or fails, is refused", async () => {
    assert.match((await got("opens")).stderr, /E_ABORTED .*cannot be made an executable of/);
    assert.match((await got("waits")).stderr, /waits for what nothing can settle/);
    const { stderr } = await got("fails");
    assert.match(stderr, /E_ABORTED/);
    assert.match(stderr, /not ready/);
  });
  const left = readdirSync(scratch.directory).toSorted();
  assert.deepEqual(left, [".cache", ".local", "consfig.ts"], "modules, and journals of runs");
});
