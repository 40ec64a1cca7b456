import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { HostKeyRefused } from "../../engine/index.js";
import { factsOf, placeOf } from "./failures.js";
import type { PublicKey } from "./keys.js";
import { hashName } from "./knownHostsFile.js";
import type { Stop } from "./route.js";

/**
 * The host's key stands in the first known_hosts file: one whole line appended by one write, so
 * that lines of other processes stay whole. A new file gets mode 0600, a new folder 0700.
 *
 * Returns the file.
 *
 * @throws HostKeyRefused when it cannot be written: a key that is accepted but not remembered would
 * be accepted again, whichever it is.
 */
export function addHostKey(stop: Stop, key: PublicKey): string {
  const { name } = stop.names;
  return append(stop, `${shownName(stop, name)} ${key.type} ${key.blob.toString("base64")}\n`);
}

/**
 * A line that another program appends to the known_hosts file will be a line of its own, in a file
 * that is private when it is new.
 *
 * @throws HostKeyRefused when the file cannot be written.
 */
export function prepareForHostKey(stop: Stop): void {
  append(stop, "");
}

function shownName({ config }: Stop, name: string): string {
  if (!config.hashKnownHosts) return name;
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${hashName(name, salt).toString("base64")}`;
}

function append(stop: Stop, line: string): string {
  const [file] = stop.config.userKnownHostsFiles;
  try {
    if (file === undefined) throw new Error("there is no known_hosts file");
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, "a+", 0o600);
    try {
      // /dev/null would take every key and remember none.
      if (!fstatSync(descriptor).isFile()) throw new Error("it is not a regular file");
      const bytes = Buffer.from((endsWithNewline(descriptor) ? "" : "\n") + line);
      if (writeSync(descriptor, bytes) !== bytes.length) throw new Error("written only in part");
    } finally {
      closeSync(descriptor);
    }
    return file;
  } catch (error) {
    const where = file ?? "known_hosts";
    throw new HostKeyRefused(
      `the new key of ${placeOf(stop)} cannot be added to ${where}: ${(error as Error).message}`,
      { ...factsOf(stop), file, reason: "unrecorded", hint: `make ${where} writable` },
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
