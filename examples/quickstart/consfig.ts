/**
 * A host that needs no uid 0: all it is made to have is below one directory of the account that
 * logs in. `npm run demo` deploys it to an SSH server of its own, by setting these variables.
 */
import { homedir } from "node:os";
import { described, host, onChange, script, sh } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import * as cmd from "consfigurator/properties/cmd";
import * as file from "consfigurator/properties/file";

const {
  QUICKSTART_HOST = "127.0.0.1",
  QUICKSTART_PORT = "22",
  QUICKSTART_DIRECTORY = `${homedir()}/quickstart`,
  QUICKSTART_IDENTITY,
  QUICKSTART_KNOWN_HOSTS,
} = process.env;

const directory = QUICKSTART_DIRECTORY;
const site = `${directory}/site`;
const identity = `${directory}/id`;

export const quickstart = host(
  "quickstart",
  {
    deploy: [
      ssh({
        host: QUICKSTART_HOST,
        port: Number(QUICKSTART_PORT),
        ...(QUICKSTART_IDENTITY ? { identityFile: QUICKSTART_IDENTITY } : {}),
        ...(QUICKSTART_KNOWN_HOSTS ? { knownHostsFiles: [QUICKSTART_KNOWN_HOSTS] } : {}),
      }),
    ],
  },

  // Files with the content that is said here, and those where only some lines matter.
  file.directoryExists(site, { mode: 0o755 }),
  file.hasContent(`${site}/index.html`, ["<!doctype html>", "<title>Quickstart</title>"]),
  file.containsLines(`${directory}/.profile`, "umask 027", "export EDITOR=vi"),
  file.containsIniSettings(
    `${directory}/app.ini`,
    ["server", "port", "8080"],
    ["server", "root", site],
    ["log", "level", "info"],
  ),
  file.symlinked(`${directory}/current`, site),

  // A command that is run only as long as what it makes is missing.
  described(
    "an identity of its own",
    cmd.single(script`head -c 16 /dev/urandom | od -An -tx1 > ${identity}`, { creates: identity }),
  ),

  // Something is done whenever a file has changed, and not otherwise.
  onChange(
    file.hasContent(`${directory}/app.conf`, ["workers = 2", "timeout = 30"]),
    described(
      "the app knows its new configuration",
      cmd.single(sh`touch ${`${directory}/reload`}`),
    ),
  ),
);
