// The npm packages are those of the lock file, and the program is built. Everything else starts here,
// so that a fresh clone needs one command.
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

process.chdir(new URL("..", import.meta.url).pathname);

/** Runs a program and shows what it prints only if it fails. */
function quietly(program, ...args) {
  try {
    execFileSync(program, args, { stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? ""}`);
    process.exit(error.status ?? 1);
  }
}

const installed = "node_modules/.package-lock.json";
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync("package-lock.json").mtimeMs) {
  console.error("installing npm packages, building …");
  // It builds too, by the script `prepare`.
  quietly("npm", "ci", "--no-audit", "--no-fund");
} else {
  console.error("building …");
  quietly("npm", "run", "--silent", "build");
}
