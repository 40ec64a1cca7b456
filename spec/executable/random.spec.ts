/** What modules of an executable draw at random when they are loaded is all that its processes share. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Scratch } from "../cli/command.js";

const consfig = (file: string) => `
import { randomInt, randomUUID } from "node:crypto";
import { form, host } from "consfigurator";
import { local } from "consfigurator/connections/local";
import * as image from "consfigurator/properties/image";
import { z } from "zod";

const drawn = [randomUUID(), String(randomInt(2 ** 47)), String(Math.random())];
export const draws = form("my.draws", {
  args: z.tuple([]),
  evaluate: () => {
    const more = [randomUUID(), String(randomInt(2 ** 47)), String(Math.random())];
    console.log(JSON.stringify({ drawn, more }));
  },
});
export const here = host("here", { deploy: [local()] }, image.dumped(${JSON.stringify(file)}, draws()));
`;

test("processes of one executable draw their own random values", async (t) => {
  const scratch = new Scratch(t);
  const file = scratch.path("draws");
  scratch.write("consfig.ts", consfig(file));
  const { code, stderr } = await scratch.consfig("deploy");
  assert.equal(code, 0, stderr);
  const [one, other] = [1, 2].map(() => {
    return JSON.parse(execFileSync(file, { encoding: "utf8" })) as Record<string, string[]>;
  });
  assert.deepEqual(one?.drawn, other?.drawn);
  assert.equal(new Set([one, other].flatMap((each) => each?.more ?? [])).size, 6);
});
