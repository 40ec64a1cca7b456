/** A directory of somebody else's, and beside it what is not theirs. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { temporary } from "../engine/shell/helpers/shells.js";

/** The number of an account that may do only what everybody may. */
export const stranger = 12345;
export const secret = "TOPSECRET-0123456789";

export interface Scene {
  readonly root: string;
  /** What must stay as it is: a file, a secret, a set-uid program and a directory. */
  readonly outside: string;
  /** The stranger's own directory. */
  readonly theirs: string;
  /** A file that nobody attacks. */
  readonly other: string;
}

export function scene(): Scene {
  const root = temporary();
  const at = (name: string) => path.join(root, name);
  fs.mkdirSync(at("outside/directory"), { recursive: true });
  fs.writeFileSync(at("outside/directory/inner"), "inner\n");
  fs.writeFileSync(at("outside/file"), "k=1\n");
  fs.writeFileSync(at("outside/shadow"), `${secret}\n`, { mode: 0o600 });
  fs.copyFileSync("/bin/true", at("outside/tool"));
  fs.chmodSync(at("outside/tool"), 0o4755);
  fs.writeFileSync(at("other"), "k=1\n");
  fs.mkdirSync(at("theirs"));
  fs.chownSync(at("theirs"), stranger, stranger);
  return { root, outside: at("outside"), theirs: at("theirs"), other: at("other") };
}

/** All that is outside, with what is in it. */
export function untouchable({ outside }: Scene): string[] {
  return all(outside).map((name) => {
    const file = path.join(outside, name);
    const { uid, gid, mode, ino } = fs.lstatSync(file);
    const content = fs.lstatSync(file).isFile() ? fs.readFileSync(file) : "";
    const hash = createHash("sha256").update(content).digest("hex");
    return [name, ino, uid, gid, mode.toString(8), hash].join(" ");
  });
}

/** What is root's, and can be written by others or gives them root's rights. */
export function givenAway({ root }: Scene): string[] {
  return all(root).filter((name) => {
    const stat = fs.lstatSync(path.join(root, name), { throwIfNoEntry: false });
    if (stat?.uid !== 0 || stat.isSymbolicLink() || name.startsWith("outside")) return false;
    return (stat.mode & 0o022) !== 0 || (!stat.isDirectory() && (stat.mode & 0o6000) !== 0);
  });
}

/** What others can read and has the secret in it. */
export function revealed({ root }: Scene): string[] {
  return all(root).filter((name) => {
    const file = path.join(root, name);
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile() || (stat.uid === 0 && (stat.mode & 0o044) === 0)) return false;
    return fs.readFileSync(file).includes(secret);
  });
}

function all(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
}
