/** The places that property cases are run in: this machine, and real hosts over real connections. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { local } from "../../connections/local/index.js";
import { ssh } from "../../connections/ssh/index.js";
import { sudo } from "../../connections/sudo/index.js";
import type { Chain } from "../../engine/index.js";
import type { Host, Init, Testbed } from "../testbed/index.js";
import { bedPlaces } from "./bedPlace.js";

/** The number of the test bed's account that may do nothing but what everybody may. */
const adminUid = 1000;

/** Where properties are applied, with a way to see and change it that is not the engine's. */
export interface Place {
  readonly uid: number;
  readonly gid: number;
  /** How the properties get there. */
  readonly chain: Chain;
  /** Its root directory as this machine sees it; "" for this machine. Another one after a reset. */
  view(): string;
  /** All is as it was when it was opened. Only for what is disposable. */
  reset(): Promise<void>;
  /** What the shell text prints there. Fails when it fails. */
  shell(text: string): Promise<string>;
}

/** Places of one sort. */
export interface Places {
  readonly name: string;
  /** Why they cannot be had on this machine. */
  readonly unavailable?: string | undefined;
  /** Whether anything at all may be changed there, as they are thrown away afterwards. */
  readonly disposable: boolean;
  /** The account there. */
  readonly uid: number;
  /** Places with the same word differ so little that an ordinary run has each case in one of them. */
  readonly alike?: string;
  /** So many of them; fewer where there are no more. */
  open(count: number): Promise<readonly Place[]>;
  close(): Promise<void>;
}

const uid = process.getuid?.() ?? 0;

const here: Places = {
  name: "local",
  unavailable: uid === 0 ? undefined : "needs uid 0, for files of several accounts",
  disposable: false,
  uid,
  open: async () => [
    {
      uid,
      gid: process.getgid?.() ?? 0,
      chain: [local()],
      view: () => "",
      reset: async () => {},
      shell: async (text) => (await promisify(execFile)("sh", ["-c", text])).stdout,
    },
  ],
  close: async () => {},
};

/** Hosts of a test bed, by SSH as that user. */
function sshTo(user: string, uid: number, ...further: Chain): Places {
  const name = ["ssh", user, ...further.map(({ hop }) => `+ ${hop}`)].join(" ");
  const chain = ({ sshConfigFile }: Testbed, { name }: Host) => [
    ssh({ host: name, user, configFile: sshConfigFile }),
    ...further,
  ];
  return { ...bedPlaces(name, uid, chain), alike: `ssh, uid ${uid}` };
}

/** Hosts that have booted with systemd, or have not: for what is about the init system. */
export function placeOf(init: Init): Places {
  const chain = ({ sshConfigFile }: Testbed, { name }: Host) => [
    ssh({ host: name, user: "root", configFile: sshConfigFile }),
  ];
  return bedPlaces(`ssh root, ${init}`, 0, chain, init);
}

/** All places, of which some may be unavailable. `SPEC_PLACES=local,…` names those wanted. */
export function places(): readonly Places[] {
  const wanted = process.env.SPEC_PLACES?.split(",");
  const all = [here, sshTo("root", 0), sshTo("admin", 0, sudo()), sshTo("admin", adminUid)];
  return all.filter(({ name }) => wanted?.includes(name) ?? true);
}

/** A fresh empty directory there, with a name that no shell should ever see unquoted. */
export function scratch(place: Place): { root: string; remove: () => void } {
  const temporary = place.view() === "" ? os.tmpdir() : path.join(place.view(), "tmp");
  const outer = fs.mkdtempSync(path.join(temporary, "consfig-case-"));
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
