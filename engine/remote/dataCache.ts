/**
 * Prerequisite data kept on a host, for the account that has it: a file of mode 0600 for each item,
 * `<iden1>/<iden2>/<version>` below a directory of mode 0700.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { foreignPart, makeOwnDirectory, replaceFileSync } from "../../core/index.js";
import { compareVersions } from "../model/index.js";

/** What is half-written for so long will not be finished. */
const staleMs = 60 * 60 * 1000;

let directory: string | undefined;

/** This process keeps data below that directory from now on. */
export function keepDataIn(wanted: string): void {
  directory = wanted;
}

/** Where data is kept, below a home directory. */
export function dataDirectory(home: string): string {
  return path.join(home, ".cache", "consfigurator", "data");
}

/** What is kept of an item. */
export interface KeptItem {
  readonly version: string;
  readonly content: Uint8Array;
}

/** By which part of its path another account could put other data in the place of what is kept, if it can. */
export function foreignPartOfData(): string | undefined {
  return directory && foreignPart(directory);
}

/** The newest version of the item that is kept here, by nobody else; undefined if there is none. */
export function keptItem(iden1: string, iden2: string): KeptItem | undefined {
  if (directory === undefined) return undefined;
  try {
    const place = placeOf(directory, iden1, iden2);
    if (foreignPart(place) !== undefined) return undefined;
    const versions = readdirSync(place).filter(isEncoded).map(decode);
    const version = versions.toSorted(compareVersions).at(-1);
    if (version === undefined) return undefined;
    return { version, content: readFileSync(path.join(place, encode(version))) };
  } catch {
    return undefined; // nothing is kept of it, or another deployment is just replacing it
  }
}

/**
 * The item is kept in this version, and in no other. Where that cannot be (a full disk, a name too
 * long for a file, a home that others can change) it is sent again the next time.
 */
export function keepData(iden1: string, iden2: string, version: string, content: Uint8Array): void {
  if (directory === undefined) return;
  const place = placeOf(directory, iden1, iden2);
  const file = path.join(place, encode(version));
  try {
    makeOwnDirectory(place);
    // The directory may have been made by another program, with another umask.
    chmodSync(directory, 0o700);
    // The content goes to the disk first: after a power failure the name must not stand for an
    // empty file.
    replaceFileSync(file, content, { mode: 0o600, prefix: "~", flush: true });
    for (const other of readdirSync(place).map((name) => path.join(place, name))) {
      if (other !== file && !isBeingWritten(other)) rmSync(other, { force: true });
    }
  } catch {
    // It is asked for again.
  }
}

/** Whether another deployment is writing the file, or was when it was killed lately. */
function isBeingWritten(file: string): boolean {
  return path.basename(file).startsWith("~") && Date.now() - statSync(file).mtimeMs < staleMs;
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

/** Whether `encode` made the name. The names of files that are being written are other ones. */
function isEncoded(name: string): boolean {
  return /^([A-Za-z0-9]|_[0-9A-F]{1,6}_)([A-Za-z0-9.]|_[0-9A-F]{1,6}_)*$/.test(name);
}
