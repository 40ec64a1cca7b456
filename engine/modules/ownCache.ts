import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { reasonOf } from "../../core/index.js";
import { UsageError } from "../base/index.js";

let directory: string | undefined;

/** Where compiled consfigs are kept: nobody but this account can write there. */
export function ownCache(): string {
  directory ??= usual() ?? temporary();
  return directory;
}

/** Where the modules that hosts are sent are kept. */
export function modulesCache(): string {
  const modules = path.join(ownCache(), "modules");
  mkdirSync(modules, { recursive: true, mode: 0o700 });
  return modules;
}

function usual(): string | undefined {
  const given = process.env.XDG_CACHE_HOME;
  try {
    // An account without a name may have no home.
    const base = given && path.isAbsolute(given) ? given : path.join(homedir(), ".cache");
    const wanted = path.join(base, "consfigurator", "consfig");
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    // Code is run from there: nobody else may put it in another's place. With sudo and the caller's
    // HOME, for one, the directories above are the caller's.
    const above = [base, path.dirname(wanted), wanted];
    if (!above.every((directory) => isOurs(statSync(directory)))) return undefined;
    chmodSync(wanted, 0o700);
    const probe = path.join(wanted, `probe.${randomBytes(4).toString("hex")}`);
    writeFileSync(probe, "");
    unlinkSync(probe);
    return wanted;
  } catch {
    return undefined;
  }
}

/** Whether it belongs to this account, and not everybody can write it. */
export function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o002) === 0;
}

/** A directory for accounts without a home that can be written. It is gone when this process ends. */
function temporary(): string {
  try {
    const made = mkdtempSync(path.join(tmpdir(), "consfig-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    return made;
  } catch (cause) {
    const why = reasonOf(cause);
    throw new UsageError(
      `there is no place for compiled consfigs: ${why}`,
      {
        hint: "set XDG_CACHE_HOME or TMPDIR to a directory that this account can write",
      },
      { cause },
    );
  }
}
