import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { FileMemo } from "./fileMemo.js";

/** A public key as it travels: `blob` begins with the name of its type. */
export interface PublicKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** An identity file of ssh_config, looked at without its passphrase. */
export interface Identity {
  readonly path: string;
  /**
   * `usable`: an unencrypted private key. `encrypted`: a private key with a passphrase.
   * `public`: only the public half; an agent must hold the other. `exposed`: others may read the
   * private key, so it is not used. `unreadable`: it exists and cannot be read or is no key.
   */
  readonly state: "usable" | "encrypted" | "public" | "exposed" | "unreadable";
  /** Absent when neither the file nor `<path>.pub` tells. */
  readonly key: PublicKey | undefined;
  /** Path of the certificate beside it, where there is one. */
  readonly certificate: string | undefined;
}

/** `SHA256:…`, as OpenSSH prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The public key in a blob, or `undefined` when it is none: cut short, say. */
export function publicKey(blob: Buffer): PublicKey | undefined {
  const reader = new WireReader(blob);
  const type = reader.string()?.toString("latin1");
  if (type === undefined || !/^[\x21-\x7e]{1,64}$/.test(type)) return undefined;
  // After the type a key consists of strings; a certificate of other things as well.
  if (isCertificate(type)) return { type, blob };
  for (let parts = 0; ; parts++) {
    if (reader.atEnd) return parts > 0 ? { type, blob } : undefined;
    if (!reader.string()) return undefined;
  }
}

/** The public key in one line of text (`ssh-ed25519 AAAA… comment`), or `undefined`. */
export function publicKeyInText(text: string): PublicKey | undefined {
  const match = /^\s*([\x21-\x7e]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(text);
  if (!match) return undefined;
  const key = publicKey(Buffer.from(match[2] ?? "", "base64"));
  return key?.type === match[1] ? key : undefined;
}

/** Whether only a hardware token can sign with keys of this type. */
export function isTokenKey(type: string): boolean {
  return type.startsWith("sk-");
}

/** Whether keys of this type are certificates. */
export function isCertificate(type: string): boolean {
  return /-cert-v\d\d@openssh\.com$/.test(type);
}

const identities = new FileMemo<Promise<Identity | undefined>>();

/** The identity file, or `undefined` when there is none at that path. */
export function readIdentity(path: string): Promise<Identity | undefined> {
  const files = [path, `${path}.pub`, `${path}-cert.pub`];
  return identities.of(files, () => identityOf(path, files));
}

async function identityOf(path: string, files: readonly string[]): Promise<Identity | undefined> {
  const [text, beside, certificate] = await Promise.all(files.map(readText));
  const rest = {
    path,
    certificate: typeof certificate === "string" ? `${path}-cert.pub` : undefined,
  };
  const besideKey = typeof beside === "string" ? publicKeyInText(beside) : undefined;
  if (text === undefined) {
    // ssh uses the public half alone, too: the agent may hold the rest.
    return besideKey && { ...rest, state: "public", key: besideKey };
  }
  if (text === false) return { ...rest, state: "unreadable", key: besideKey };
  const inText = publicKeyInText(text);
  if (inText) return { ...rest, state: "public", key: inText };
  const content = privateKey(text);
  if (!content) return { ...rest, state: "unreadable", key: besideKey };
  const key = content.key ?? besideKey;
  if (await isExposed(path)) return { ...rest, state: "exposed", key };
  return { ...rest, state: content.encrypted ? "encrypted" : "usable", key };
}

/** `false`: it exists and cannot be read. */
async function readText(path: string): Promise<string | undefined | false> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : false;
  }
}

/** OpenSSH's rule: a key of ours that group or others can read is as good as stolen. */
async function isExposed(path: string): Promise<boolean> {
  const { mode, uid } = await stat(path);
  return uid === process.getuid?.() && (mode & 0o077) !== 0;
}

function privateKey(text: string): { encrypted: boolean; key: PublicKey | undefined } | undefined {
  const match = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([\s\S]*?)-----END/.exec(text);
  if (!match) return undefined;
  if (match[1] !== "OPENSSH ") {
    const encrypted = match[1] === "ENCRYPTED " || /^Proc-Type: 4,ENCRYPTED/m.test(text);
    return { encrypted, key: undefined };
  }
  const reader = new WireReader(Buffer.from(match[2] ?? "", "base64"));
  if (reader.bytes(15)?.toString("latin1") !== "openssh-key-v1\0") return undefined;
  const cipher = reader.string()?.toString("latin1");
  reader.string(); // the key derivation's name
  reader.string(); // and its options
  reader.uint32(); // how many keys: always one
  const blob = reader.string();
  if (cipher === undefined || blob === undefined) return undefined;
  return { encrypted: cipher !== "none", key: publicKey(Buffer.from(blob)) };
}

/** Reads SSH's wire format; everything past the end is `undefined`. */
export class WireReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get atEnd(): boolean {
    return this.#at === this.#data.length;
  }

  bytes(count: number): Buffer | undefined {
    if (count > this.#data.length - this.#at) return undefined;
    this.#at += count;
    return this.#data.subarray(this.#at - count, this.#at);
  }

  uint32(): number | undefined {
    return this.bytes(4)?.readUInt32BE();
  }

  string(): Buffer | undefined {
    const length = this.uint32();
    return length === undefined ? undefined : this.bytes(length);
  }
}
