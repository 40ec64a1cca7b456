/**
 * Cases that need a process with a zygote. The spec file runs twice: as the spec, and, started by it
 * with the flags that forking needs, as a program that makes a zygote and goes through the cases.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  requiredFlags,
  startPool,
  startSeparateZygote,
  startZygote,
  type Zygote,
} from "../../zygote/index.js";

/** How the zygote of a scenario is made. */
export type Kind = "forked" | "separate" | "execed";

/** By name; each gets the zygote and rejects when something is not as it should be. */
export type Cases = Readonly<Record<string, (zygote: Zygote) => Promise<void>>>;

interface Verdict {
  readonly name: string;
  readonly error?: string;
}

const variable = "ZYGOTE_SCENARIO";

const isUid0 = process.getuid?.() === 0;

/** For scenarios of what only uid 0 may do. */
export const needsUid0 = isUid0 ? undefined : "needs uid 0";

/** How the cases are run. */
interface ScenarioOptions {
  readonly nodeOptions?: readonly string[];
  /** Cases that look into processes which dump no memory for others. */
  readonly asUid0?: readonly string[];
  /** Why none can be run here. */
  readonly unavailable?: string | undefined;
}

/** Registers the cases as tests, once for each kind; or runs them, in the program. */
export async function scenario(
  url: string,
  kinds: readonly Kind[],
  cases: Cases,
  { nodeOptions = [], asUid0 = [], unavailable }: ScenarioOptions = {},
): Promise<void> {
  const file = fileURLToPath(url);
  if (process.argv[1] !== file) return; // loaded for its forms
  const kind = process.env[variable] as Kind | undefined;
  const isLeftOut = (name: string) => !isUid0 && asUid0.includes(name);
  if (kind) {
    const able = Object.entries(cases).filter(([name]) => !isLeftOut(name));
    return run(url, kind, Object.fromEntries(able));
  }
  for (const one of kinds) {
    const flags = one === "forked" ? requiredFlags : [];
    test(`${one}`, { concurrency: true, skip: unavailable ?? false }, async (suite) => {
      const program = spawn(process.execPath, [...flags, ...nodeOptions, file], {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, [variable]: one, NODE_TEST_CONTEXT: "" },
      });
      const ended = once(program, "exit");
      const verdicts = new Map<string, Verdict>();
      for await (const line of createInterface(program.stdout)) {
        const verdict = JSON.parse(line) as Verdict;
        verdicts.set(verdict.name, verdict);
      }
      const [code, signal] = (await ended) as [number | null, string | null];
      for (const name of [...Object.keys(cases), "it ends"]) {
        await suite.test(name, { skip: isLeftOut(name) && "needs uid 0" }, () => {
          const verdict = verdicts.get(name);
          if (!verdict) throw new Error(`the program ended before: ${signal ?? code}`);
          if (verdict.error) throw new Error(verdict.error);
        });
      }
    });
  }
}

async function run(url: string, kind: Kind, cases: Cases): Promise<void> {
  delete process.env[variable];
  const modules = [url];
  const zygote =
    kind === "forked"
      ? await startZygote()
      : kind === "separate"
        ? await startSeparateZygote({ modules })
        : await startPool({ modules });
  for (const [name, work] of Object.entries(cases)) {
    await judged(name, () => work(zygote));
  }
  await judged("it ends", () => zygote.close());
}

async function judged(name: string, work: () => Promise<void>): Promise<void> {
  let verdict: Verdict = { name };
  try {
    await work();
  } catch (error) {
    verdict = { name, error: error instanceof Error ? String(error.stack) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
