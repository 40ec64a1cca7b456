import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { HostKeyRefused } from "../../engine/errors.js";
import type { PublicKey } from "./keys.js";
import { type HostNames, hashName } from "./knownHosts.js";

/**
 * The key stands in the known_hosts file: one whole line appended by one write, so that lines of
 * other processes stay whole. A new file gets mode 0600, a new folder 0700.
 *
 * @throws HostKeyRefused when it cannot be written: a key that is accepted but not remembered would
 * be accepted again, whichever it is.
 */
export function addHostKey(file: string, names: HostNames, key: PublicKey, hashed: boolean): void {
  const salt = randomBytes(20);
  const name = hashed
    ? `|1|${salt.toString("base64")}|${hashName(names.name, salt).toString("base64")}`
    : names.name;
  const line = `${name} ${key.type} ${key.blob.toString("base64")}\n`;
  append(file, names, line);
}

/**
 * A line that another program appends to the known_hosts file will be a line of its own, in a file
 * that is private when it is new.
 *
 * @throws HostKeyRefused when the file cannot be written.
 */
export function prepareForHostKey(file: string, names: HostNames): void {
  append(file, names, "");
}

function append(file: string, names: HostNames, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, "a+", 0o600);
    try {
      const bytes = Buffer.from((endsWithNewline(descriptor) ? "" : "\n") + line);
      if (writeSync(descriptor, bytes) !== bytes.length) throw new Error("written only in part");
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new HostKeyRefused(
      `the new key of ${names.name} cannot be added to ${file}: ${(error as Error).message}`,
      { file, reason: "unrecorded", hint: `make ${file} writable` },
      { cause: error },
    );
  }
}

function endsWithNewline(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
