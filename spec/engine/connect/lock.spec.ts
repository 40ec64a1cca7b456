/** This machine's own lock: over `local`, in a grandchild, and when whoever has it is killed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import {
  type Chain,
  type DeploymentOptions,
  deploy,
  hopType,
  host,
  isError,
  LockHeld,
  posixProperty,
} from "../../../engine/index.js";
import { form } from "../../../zygote/index.js";
import { killIfThere, pidIn, until } from "../../helpers/processes.js";
import { needsUid0, scenario } from "../../zygote/scenario.js";

const stays = form("lock.stays", { args: z.tuple([]), evaluate: () => {} });
/** Where the near side is, in a process that has been forked for it. */
const beside = hopType<"same", []>("lock.beside", {
  gives: "same",
  args: z.tuple([]),
  desc: () => "beside",
  enter: () => stays(),
});
const lasts = posixProperty<[into: string]>("lock.lasts", {
  args: z.tuple([z.string()]),
  apply: async (on, into) => {
    await on.run([
      "sh",
      "-c",
      `echo "$PPID" >${into}.executor; echo "$$" >${into}; exec sleep 300`,
    ]);
    return "changed";
  },
});
const nothing = posixProperty<[]>("lock.nothing", {
  args: z.tuple([]),
  apply: async () => "unchanged",
});

const directory = "/run/consfigurator";
const name = `lock-${process.env.LOCK_SPEC ?? process.pid}.example.com`;
process.env.LOCK_SPEC ??= String(process.pid);
const chains: Readonly<Record<string, Chain>> = { local: [local()], grandchild: [beside()] };

function deployed(chain: Chain, into: string | undefined, options: DeploymentOptions = {}) {
  const lock = { holder: `process ${process.pid}`, waitMs: 0 };
  const property = into === undefined ? nothing() : lasts(into);
  return deploy<Chain>(chain, host(name, property), [], { lock, ...options });
}

async function isFree(chain: Chain): Promise<boolean> {
  const { error } = await deployed(chain, undefined);
  if (error) assert.ok(isError(error, LockHeld), String(error));
  return !error;
}

const place = process.env.LOCK_PLACE;
if (place === undefined) {
  await scenario(
    import.meta.url,
    ["forked"],
    {
      "one at a time, wherever on this machine they run": async () => {
        const temporary = mkdtempSync(path.join(os.tmpdir(), "lock-"));
        for (const [way, chain] of Object.entries(chains)) {
          const controller = new AbortController();
          const into = path.join(temporary, way);
          const running = deployed(chain, into, { signal: controller.signal });
          await pidIn(into);
          const free = await Promise.all(Object.values(chains).map(isFree));
          assert.deepEqual(free, [false, false], way);
          controller.abort();
          assert.equal((await running).error?.code, "E_CANCELLED");
          await until(() => isFree(chain), "free");
        }
        rmSync(temporary, { recursive: true });
      },
      "free as soon as any process of it is killed": async () => {
        for (const [way, chain] of Object.entries(chains)) {
          for (const victim of ["root process", "executor"]) {
            const temporary = mkdtempSync(path.join(os.tmpdir(), "lock-"));
            const into = path.join(temporary, way);
            const program = spawn(
              process.execPath,
              [...process.execArgv, fileURLToPath(import.meta.url)],
              {
                env: { ...process.env, ZYGOTE_SCENARIO: "forked", LOCK_PLACE: into },
                stdio: ["ignore", "ignore", "inherit"],
              },
            );
            const ended = once(program, "exit");
            const sleeping = await pidIn(into);
            const executor = await pidIn(`${into}.executor`);
            assert.equal(await isFree(chain), false);
            killIfThere(victim === "executor" ? executor : (program.pid ?? 0));
            await until(() => isFree(chain), "free");
            killIfThere(program.pid ?? 0);
            await ended;
            killIfThere(sleeping);
            rmSync(temporary, { recursive: true });
          }
        }
      },
    },
    { unavailable: needsUid0 },
  );
  rmSync(path.join(directory, `${name}.lock`), { force: true });
} else {
  const way = path.basename(place) as keyof typeof chains;
  await scenario(import.meta.url, [], {
    deployed: async () => {
      await deployed(chains[way] ?? assert.fail(), place);
    },
  });
}
