/**
 * Prerequisite data kept on a host, for the account that has it: a file of mode 0600 for each item,
 * `<iden1>/<iden2>/<version>` below a directory of mode 0700.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { compareVersions } from "../data.js";

let directory: string | undefined;

/** This process keeps data below that directory from now on. */
export function keepDataIn(wanted: string): void {
  directory = wanted;
}

/** Where data is kept, below a home directory. */
export function dataDirectory(home: string): string {
  return path.join(home, ".cache", "consfigurator", "data");
}

/** The newest version of the item that is kept here; undefined if there is none. */
export function keptVersion(iden1: string, iden2: string): string | undefined {
  if (directory === undefined) return undefined;
  try {
    const versions = readdirSync(placeOf(directory, iden1, iden2)).filter((name) =>
      isEncoded(name),
    );
    return versions.map(decode).toSorted(compareVersions).at(-1);
  } catch {
    return undefined; // nothing is kept of it
  }
}

/** The content of a version that is kept here. */
export function keptContent(iden1: string, iden2: string, version: string): Uint8Array {
  return readFileSync(path.join(placeOf(directory ?? "", iden1, iden2), encode(version)));
}

/** The item is kept in this version, and in no other. */
export function keepData(iden1: string, iden2: string, version: string, content: Uint8Array): void {
  if (directory === undefined) return;
  const place = placeOf(directory, iden1, iden2);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  // Whoever made it, and with whatever umask.
  chmodSync(directory, 0o700);
  const fresh = path.join(place, `~${randomBytes(8).toString("hex")}`);
  try {
    writeFileSync(fresh, content, { mode: 0o600, flag: "wx" });
    for (const name of readdirSync(place)) {
      const file = path.join(place, name);
      if (file !== fresh) rmSync(file, { force: true });
    }
    renameSync(fresh, path.join(place, encode(version)));
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function placeOf(below: string, iden1: string, iden2: string): string {
  return path.join(below, encode(iden1), encode(iden2));
}

/** Letters, digits and inner dots stay; all else is `_HEX_`, so that any text names one file. */
function encode(text: string): string {
  const hex = (character: string) => `_${character.codePointAt(0)?.toString(16).toUpperCase()}_`;
  return text.replace(/^\.|[^A-Za-z0-9.]/gu, hex);
}

function decode(name: string): string {
  return name.replace(/_([0-9A-F]+)_/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

/** What was left half-written is not. */
function isEncoded(name: string): boolean {
  return /^([A-Za-z0-9]|_[0-9A-F]{1,6}_)([A-Za-z0-9.]|_[0-9A-F]{1,6}_)*$/.test(name);
}
