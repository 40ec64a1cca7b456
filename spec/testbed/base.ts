import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./run.js";

/** Password of the user alice, who needs it for sudo. */
export const alicePassword = "Secret-quince-7391";

function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) directory = dirname(directory);
  return directory;
}

/** Path of a file of the test bed which is not compiled. */
export function script(name: string): string {
  return join(packageRoot(), "spec", "testbed", name);
}

/** Where what is made once is kept, in the clone: nothing is left elsewhere on the machine. */
export function cacheDirectory(): string {
  const directory = process.env.CONSFIG_TESTBED_CACHE || join(packageRoot(), ".cache");
  // Programs of the hosts that make uid 0 of whoever runs them are nobody's here.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

function fingerprint(files: readonly string[], ...more: string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file)).update("\0");
  for (const text of more) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 12);
}

/** Path of the hosts' root file system, built first if it is not there. */
export async function ensureBase(): Promise<string> {
  const sources = [script("buildBase.sh"), script("buildRepo.sh"), "/etc/os-release"];
  const base = join(cacheDirectory(), `base-${fingerprint(sources, alicePassword)}`);
  if (!existsSync(base)) {
    console.error("testbed: building the hosts' root file system (once)");
    const env = { ...process.env, ALICE_PASSWORD: alicePassword };
    await mustRun("bash", [script("buildBase.sh"), base], { env });
  }
  return base;
}

/** Path of the compiled delay line. */
export async function ensureDelayLine(): Promise<string> {
  const source = script("delayLine.c");
  const program = join(cacheDirectory(), `delayLine-${fingerprint([source], process.arch)}`);
  if (!existsSync(program)) {
    const unfinished = `${program}.${process.pid}`;
    await mustRun("cc", ["-O2", "-o", unfinished, source]);
    renameSync(unfinished, program);
  }
  return program;
}
