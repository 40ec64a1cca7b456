import { readFileSync } from "node:fs";
import { ensurePackages, hasCommand } from "../../testbed/machine.js";

/** The programs that sources of data run or that their specs compare with, and their packages. */
const packageOfProgram = {
  age: "age",
  "age-keygen": "age",
  git: "git",
  gpg: "gnupg",
  gpgconf: "gnupg",
  pass: "pass",
  script: "bsdutils",
  setsid: "util-linux",
  tar: "tar",
} as const;

/** Installs programs where that is possible. Says which are still missing, for `skip`. */
export async function missing(
  ...programs: readonly (keyof typeof packageOfProgram)[]
): Promise<string | false> {
  const wanted = Object.fromEntries(programs.map((name) => [name, packageOfProgram[name]]));
  let why = "";
  if (process.getuid?.() === 0 && isDebian()) {
    await ensurePackages(wanted).catch((error) => {
      why = `, and cannot be installed: ${error}`;
    });
  }
  const left = programs.filter((name) => !hasCommand(name));
  return left.length > 0 && `${left.join(", ")} not installed${why}`;
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?="?debian"?$/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}
