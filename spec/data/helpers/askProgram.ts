/**
 * A program that wants items from askpass, twice each and all at once, and says in the file named by
 * its argument how that went.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { askpass } from "../../../data/askpass/index.js";
import { ConsfigError, registerDataSource } from "../../../engine/index.js";
import { findData } from "../../../engine/model/data.js";

/** What the program has to say. */
export interface Said {
  /** Of each item its content, or the error's code. */
  readonly items: readonly string[];
  readonly errors: readonly string[];
  /** Each item that was had, with its version. */
  readonly versions: readonly string[];
  readonly interrupted: boolean;
  /** Settings of the terminal afterwards, if there is one. */
  readonly terminal: string;
  /** Descriptors of terminals that are still open, above stderr's. */
  readonly open: number;
}

const [file = "", ...wanted] = process.argv.slice(2);
let interrupted = false;
process.on("SIGINT", () => {
  interrupted = true;
});
registerDataSource(askpass(/_site|--user-passwd--.+/, /a|b/));

const errors: string[] = [];
const versions: string[] = [];
const read = async (item: string) => {
  try {
    const { content, version } = await findData("_site", item);
    versions.push(`${item} ${version}`);
    return Buffer.from(content).toString("utf8");
  } catch (error) {
    errors.push(String(error));
    return error instanceof ConsfigError ? error.code : "no error of ours";
  }
};
const items = await Promise.all([...wanted, ...wanted].map(read));
items.push(...(await Promise.all(wanted.map(read))));
// A signal is told of, and a descriptor is closed, a little later.
await new Promise((resolve) => setTimeout(resolve, 50));

const said: Said = {
  items,
  errors,
  versions,
  interrupted,
  terminal: terminalSettings(),
  open: readdirSync("/proc/self/fd").filter(isTerminal).length,
};
writeFileSync(file, JSON.stringify(said));

function isTerminal(fd: string): boolean {
  try {
    return Number(fd) > 2 && /^\/dev\/(tty|pts)/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false; // that of the listing
  }
}

function terminalSettings(): string {
  try {
    return execFileSync("stty", ["-F", "/dev/tty", "-a"], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}
