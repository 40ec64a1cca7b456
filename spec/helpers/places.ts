/** The places that property cases are run in: this machine, and real hosts over real connections. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { local } from "../../connections/local.js";
import { ssh } from "../../connections/ssh.js";
import { sudo } from "../../connections/sudo.js";
import type { Chain } from "../../engine/index.js";
import { bedPlace } from "./bedPlace.js";

/** The number of the test bed's account that may do nothing but what everybody may. */
const adminUid = 1000;

/** A place where properties are applied, with a way to see and change it that is not the engine's. */
export interface Place {
  readonly name: string;
  /** Why it cannot be had on this machine. */
  readonly unavailable?: string | undefined;
  /** Whether anything at all may be changed there, as it is thrown away afterwards. */
  readonly disposable: boolean;
  readonly uid: number;
  readonly gid: number;
  /** How the properties get there; known once it is open. */
  readonly chain: () => Chain;
  /** Its root directory as this machine sees it; "" for this machine. */
  readonly view: () => string;
  open(): Promise<void>;
  close(): Promise<void>;
  /** All is as it was when it was opened. Only for disposable places. */
  reset(): Promise<void>;
  /** What the shell text prints there. Fails when it fails. */
  shell(text: string): Promise<string>;
}

const here: Place = {
  name: "local",
  disposable: false,
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  chain: () => [local()],
  view: () => "",
  open: async () => {},
  close: async () => {},
  reset: async () => {},
  shell: async (text) => (await promisify(execFile)("sh", ["-c", text])).stdout,
};

/** A host of a test bed, by SSH as that user. */
function sshTo(user: string, uid: number, ...further: Chain): Place {
  const name = ["ssh", user, ...further.map(({ hop }) => `+ ${hop}`)].join(" ");
  return bedPlace(name, uid, ({ sshConfigFile }, { name }) => [
    ssh({ host: name, user, configFile: sshConfigFile }),
    ...further,
  ]);
}

/** All places, of which some may be unavailable. `SPEC_PLACES=local,…` names those wanted. */
export function places(): readonly Place[] {
  const wanted = process.env.SPEC_PLACES?.split(",");
  const all = [here, sshTo("root", 0), sshTo("admin", 0, sudo()), sshTo("admin", adminUid)];
  return all.filter(({ name }) => wanted?.includes(name) ?? true);
}

/** A fresh empty directory there, with a name that no shell should ever see unquoted. */
export function scratch(place: Place): { root: string; remove: () => void } {
  const outer = fs.mkdtempSync(path.join(place.view(), os.tmpdir(), "consfig-case-"));
  fs.chmodSync(outer, 0o755);
  const inner = path.join(outer, `it's "$(here)" \\é *`);
  fs.mkdirSync(inner);
  fs.chmodSync(inner, 0o755);
  fs.chownSync(inner, place.uid, place.gid);
  return {
    root: inner.slice(place.view().length),
    remove: () => fs.rmSync(outer, { recursive: true, force: true }),
  };
}
