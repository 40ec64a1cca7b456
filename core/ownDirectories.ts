/**
 * Where this account keeps things. What the environment says is followed only to places that are ours: with
 * `sudo -E` and `su -m` it is the environment of somebody else.
 */
import fs from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { ownPlaces } from "./ownPlace.js";
import { reasonOf } from "./thrown.js";

/** Of places that this account, uid 0 and the owner of `/` alone can change. */
export const { foreignPart, foreignAbove, makeOwnDirectory } = ownPlaces(fs);

/** The account's home: `HOME` where that is ours, else what the system says. */
export function ownHome(): string {
  const given = process.env.HOME;
  if (given && path.isAbsolute(given) && foreignAbove(given) === undefined) return given;
  try {
    return userInfo().homedir;
  } catch {
    return "/"; // an account that has only a number
  }
}

/** Where the account keeps what can be made again: `XDG_CACHE_HOME` where that is ours, else below its home. */
export function ownCacheHome(): string {
  const given = process.env.XDG_CACHE_HOME;
  const isOurs = given && path.isAbsolute(given) && foreignAbove(given) === undefined;
  return isOurs ? given : path.join(ownHome(), ".cache");
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * A new directory for this account alone: in `TMPDIR` where that is ours, else where all make theirs. What
 * processes that were killed have left of that name is removed.
 *
 * @throws Error that says why there is none
 */
export function ownTemporaryDirectory(name: string): string {
  const given = tmpdir();
  const isSaid = given !== "/tmp" && foreignAbove(given) === undefined;
  const failures: string[] = [];
  for (const base of isSaid ? [given] : ["/tmp", "/var/tmp", "/dev/shm"]) {
    try {
      const foreign = foreignAbove(base);
      if (foreign === undefined) {
        const made = fs.mkdtempSync(path.join(base, `${name}-${process.pid}-`));
        removeLeftOver(base, name);
        return made;
      }
      failures.push(foreign);
    } catch (error) {
      failures.push(reasonOf(error));
    }
  }
  throw new Error(`there is no place for temporary files: ${failures.join("; ")}`);
}

/** What says which place to use instead, for those who cannot have a temporary directory. */
export const temporaryHint = "set TMPDIR to a directory that this account can write";

function removeLeftOver(base: string, name: string): void {
  for (const entry of fs.readdirSync(base)) {
    if (!entry.startsWith(`${name}-`)) continue;
    const pid = /^(\d+)-\w{6}$/.exec(entry.slice(name.length + 1))?.[1];
    const place = path.join(base, entry);
    const stat = pid === undefined ? undefined : fs.lstatSync(place, { throwIfNoEntry: false });
    // A process of another container may have the number: what is used is seldom as old as that.
    if (!stat || stat.uid !== process.geteuid?.() || Date.now() - stat.mtimeMs < dayMs) continue;
    if (!fs.existsSync(`/proc/${pid}`)) fs.rmSync(place, { recursive: true, force: true });
  }
}
