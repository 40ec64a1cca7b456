/**
 * The demonstration: an embedded host is deployed to over SSH, twice, by the command that a person
 * would type. The second time nothing changes.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { embeddedHost } from "./embeddedHost.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const consfig = path.join(root, "examples/quickstart/consfig.ts");

const host = await embeddedHost();
const locks =
  userInfo().uid === 0
    ? "/run/consfigurator"
    : path.join(userInfo().homedir, ".cache/consfigurator/locks");
// Caches and the journal of runs: the demonstration leaves nothing in one's home.
const home = mkdtempSync(path.join(tmpdir(), "consfig-demo-home-"));
try {
  say(`an SSH server listens on 127.0.0.1:${host.port}; ${host.directory} stands for its host`);
  say("the first deployment:");
  let exitCode = await deploy();
  if (exitCode === 0) {
    say("the second deployment, with nothing left to do:");
    exitCode = await deploy("-v");
  }
  say("the files it made:");
  for (const name of files()) {
    console.log(`--- ${name}\n${readFileSync(path.join(host.directory, name), "utf8")}`);
  }
  process.exitCode = exitCode;
} finally {
  await host.close();
  rmSync(home, { recursive: true, force: true });
  // A host keeps the file of its lock; this host is gone.
  rmSync(path.join(locks, "quickstart.lock"), { force: true });
}

function say(text: string): void {
  console.log(`\n=== ${text}`);
}

/** `consfig deploy`, as typed in the example's directory. */
function deploy(...flags: readonly string[]): Promise<number> {
  const command = ["deploy", ...flags, "--consfig", consfig];
  console.log(`$ consfig ${command.join(" ")}`);
  const child = spawn(process.execPath, [path.join(root, "dist/joined/cli/main.js"), ...command], {
    // In one stream, so that what is printed is in order wherever it goes.
    stdio: ["inherit", process.stdout, process.stdout],
    env: {
      ...process.env,
      XDG_CACHE_HOME: path.join(home, "cache"),
      XDG_STATE_HOME: path.join(home, "state"),
      QUICKSTART_PORT: String(host.port),
      QUICKSTART_DIRECTORY: host.directory,
      QUICKSTART_IDENTITY: host.identityFile,
      QUICKSTART_KNOWN_HOSTS: host.knownHostsFile,
    },
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

function files(): string[] {
  return readdirSync(host.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(host.directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
