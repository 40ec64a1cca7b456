import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  makeOwnDirectory,
  ownCacheHome,
  ownTemporaryDirectory,
  reasonOf,
  temporaryHint,
} from "../../core/index.js";
import { UsageError } from "../base/index.js";

let directory: string | undefined;

/** Where compiled consfigs are kept: nobody but this account can put code there. @throws UsageError */
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
  try {
    const wanted = path.join(ownCacheHome(), "consfigurator", "consfig");
    makeOwnDirectory(wanted);
    chmodSync(wanted, 0o700);
    const probe = path.join(wanted, `probe.${randomBytes(4).toString("hex")}`);
    writeFileSync(probe, "", { flag: "wx" });
    unlinkSync(probe);
    return wanted;
  } catch {
    return undefined; // others can change it, or this account cannot
  }
}

/** A directory for accounts without a home that can be used. It is gone when this process ends. */
function temporary(): string {
  try {
    const made = ownTemporaryDirectory("consfig");
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    return made;
  } catch (cause) {
    throw new UsageError(
      `there is no place for compiled consfigs: ${reasonOf(cause)}`,
      { hint: `set XDG_CACHE_HOME to such a directory, or ${temporaryHint}` },
      { cause },
    );
  }
}
