/**
 * The files of hosts' locks in the account's own home. A lane without namespaces cannot keep them from it,
 * since deployments ask the system for the home and not the environment.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";

const directory = path.join(userInfo().homedir, ".cache/consfigurator/locks");

/** Those that are there now. */
export function lockFiles(): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** Those that have come since then are gone, but for locks that somebody has. */
export function removeLockFiles(since: readonly string[]): void {
  for (const name of lockFiles().filter((one) => !since.includes(one))) {
    const file = path.join(directory, name);
    spawnSync("flock", ["--nonblock", file, "rm", "--force", file]);
  }
}
