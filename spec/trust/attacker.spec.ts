/**
 * Somebody owns the directory in which uid 0 is told to have something. Whatever they do there, nothing
 * outside changes, they read nothing that is not theirs, and nothing that is root's can be written or
 * gives its rights to others.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { test } from "node:test";
import { local } from "../../connections/local/index.js";
import { su } from "../../connections/su/index.js";
import {
  type Chain,
  deployThese,
  host,
  type Propspec,
  registerDataSource,
  UsageError,
  unapplied,
} from "../../engine/index.js";
import { draws, isWhole, seed } from "../helpers/seed.js";
import { attacked } from "./fileProperties.js";
import { givenAway, revealed, scene, secret, stranger, untouchable } from "./scene.js";

const seconds = isWhole ? 30 : 3;
const options = { skip: process.getuid?.() !== 0 && "not uid 0" };
const draw = draws();

/** Over a shell, and where this process itself looks at files. */
const chains: readonly Chain[] = [[local(), su("root")], [local()]];

registerDataSource({
  description: "the spec's own",
  version: async () => "1",
  read: async (_iden1, iden2) => Buffer.from(iden2.endsWith("secret") ? secret : "plain\n"),
});

function attack(theirs: string, outside: string, name: string) {
  const program = path.resolve("spec/trust/attacker.py");
  const account = ["--reuid", stranger, "--regid", stranger, "--clear-groups", "--"].map(String);
  const words = ["python3", program, theirs, outside, name, String(seed)];
  const child = spawn("setpriv", [...account, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  let told = "";
  child.stdout.on("data", (bytes) => {
    told += bytes;
  });
  return {
    async end(): Promise<string> {
      assert.equal(child.exitCode, null, "the attacker has ended by itself");
      child.kill("SIGKILL");
      await ended;
      return told;
    },
  };
}

/** It may fail, and may not be something that can be unapplied. */
async function apply(chain: Chain, propspec: Propspec): Promise<void> {
  const target = host("attacked.example");
  await deployThese(chain, target, [propspec as Propspec<"posix">]).catch((error) => {
    if (!(error instanceof UsageError)) throw error;
  });
}

for (const [property, propsAt] of Object.entries(attacked)) {
  test(`file.${property}`, { ...options, timeout: 120_000 }, async () => {
    const all = scene();
    const { theirs, other } = all;
    const name = property.includes("Secret") ? "secret" : "target";
    const before = untouchable(all);
    const attacker = attack(theirs, all.outside, name);
    const until = Date.now() + seconds * 1000;
    let runs = 0;
    while (Date.now() < until) {
      const file = path.join(theirs, draw(3) === 0 ? `${name}/${name}` : name);
      const chain = chains[draw(chains.length)] ?? [local()];
      for (const propspec of propsAt(file, other)) {
        await apply(chain, propspec);
        if (draw(3) === 0) await apply(chain, unapplied(propspec as Propspec<"posix", true>));
        runs++;
      }
    }
    assert.equal(await attacker.end(), "");
    assert.ok(runs > 0);
    assert.deepEqual(untouchable(all), before);
    assert.deepEqual(givenAway(all), []);
    assert.deepEqual(revealed(all), []);
  });
}
