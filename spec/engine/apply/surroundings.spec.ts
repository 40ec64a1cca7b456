/** Where a deployment goes on to another host, and what is done when it has ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import {
  deploy,
  deploys,
  FailedChange,
  hopType,
  host,
  InvalidArgument,
  inOrder,
  isError,
  over,
  posixProperty,
  sh,
} from "../../../engine/index.js";
import * as hostname from "../../../properties/hostname/index.js";
import { steps } from "../../helpers/steps.js";

/** A shell of the same account in whose environment the variable is the name of the hop's host. */
const named = hopType<"posix", [variable: string]>("surroundings.named", {
  gives: "posix",
  args: z.tuple([z.string()]),
  desc: ({ hostname }, variable) => `${variable}=${hostname}`,
  wrap: async ({ hostname }, shell, variable) => ({
    words: ["env", `${variable}=${hostname}`, ...shell],
  }),
});

const seen: string[] = [];

const sees = posixProperty<[]>("surroundings.sees", {
  args: z.tuple([]),
  apply: async (on) => {
    seen.push((await on.query(sh`printenv OUTER INNER`, { mayFail: true })).lines.join(" "));
    return "unchanged";
  },
});

const ends = posixProperty<[name: string, fails: boolean]>("surroundings.ends", {
  args: z.tuple([z.string(), z.boolean()]),
  apply: async (on, name, fails) => {
    on.atEnd(async (_on, outcome) => {
      seen.push(`${name} ${outcome}`);
      if (fails) throw new FailedChange(`${name} failed`);
    });
    return "changed";
  },
});

test("hops that lead to the host around a subdeployment stay what they were", async () => {
  seen.length = 0;
  const inner = host("inner.example", sees());
  const { report } = await steps(over([named("OUTER")], deploys([named("INNER")], inner)));
  assert.deepEqual(report.failures, []);
  assert.deepEqual(seen, ["steps.example inner.example"]);
});

test("a host is reached by its name in the consfig, whatever it is to call itself", async () => {
  seen.length = 0;
  const renamed = host("old.example", hostname.is("new.example"), sees());
  const report = await deploy([local(), named("OUTER")], renamed);
  assert.deepEqual(seen, ["old.example"]);
  assert.equal(report.chain, "local → OUTER=old.example");
});

test("at the end the last registered comes first, and one that fails keeps none from it", async () => {
  seen.length = 0;
  const { report } = await steps(ends("a", false), ends("b", true), ends("c", true));
  assert.deepEqual(seen, ["c changed", "b changed", "a changed"]);
  assert.ok(isError(report.error, FailedChange));
  assert.equal(report.error.message, "2 actions at the end failed: c failed; b failed");
  assert.equal(report.error.facts.chain, local().hop);
});

test("a combinator refuses what is no property", () => {
  assert.throws(() => inOrder(sees(), undefined as never), InvalidArgument);
  assert.throws(() => inOrder(sees as never), { message: "inOrder, property 1 is a function" });
});
