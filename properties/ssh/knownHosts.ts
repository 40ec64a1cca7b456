import { z } from "zod";
import { type Host, hostattr, posixProperty, prepareHost, propSpec } from "../../engine/index.js";
import { Hostattrs } from "../../engine/model/index.js";
import { applyEdit, checkEdit, editLines, newLine } from "../file/shared.js";
import { keyIn, publicKey } from "./keys.js";

/** The public keys that the host's ssh server has. All count. */
export const hostKeyAttr = hostattr("ssh.hostKey", publicKey);

/** The host's ssh server has these keys. Other hosts can know it by them: {@link keysOf}. */
export const hasHostKeys = posixProperty<[...keys: string[]]>("ssh.hasHostKeys", {
  args: z.tuple([publicKey], publicKey),
  desc: (...keys) => `host keys: ${keys.map((key) => key.split(" ")[0]).join(", ")}`,
  hostattrs: (attrs, ...keys) => attrs.pushNew(hostKeyAttr, ...keys),
});

/** The keys that the host is said to have, for {@link knownHost}. */
export function keysOf(host: Host): readonly string[] {
  return new Hostattrs(prepareHost(host).hostattrs).get(hostKeyAttr);
}

const hostName = z
  .string()
  .regex(/^[A-Za-z0-9[:][A-Za-z0-9.:_[\]%-]*$/, "expected a host's name, address, or [name]:port");

type Known = [names: string | readonly string[], ...keys: string[]];
const known = z.tuple([z.union([hostName, z.array(hostName).min(1)]), publicKey], publicKey);

const listOf = (names: Known[0]) => (typeof names === "string" ? [names] : names);

/**
 * Whether the line is about that host and no other: its first name is the host's, or all are. Lines
 * with hashed names or with markers are about nobody we know.
 */
function isAbout(line: string, names: readonly string[]): boolean {
  const own = keyIn(line)?.before.split(",") ?? [];
  return own.length > 0 && (own[0] === names[0] || own.every((name) => names.includes(name)));
}

/** With exactly these keys of the host. Its other lines with a key are out of date. */
function withHost(text: string | undefined, [names, ...keys]: Known): string {
  const list = listOf(names);
  const wanted = new Set(keys.map((key) => `${list.join(",")} ${keyIn(key)?.key}`));
  return editLines(text, (lines) => {
    const left = new Set(wanted);
    const kept = lines.filter(({ text }) => {
      const { before, key } = keyIn(text) ?? {};
      return left.delete(`${before} ${key}`) || !isAbout(text, list);
    });
    return [...kept, ...Array.from(left, newLine)];
  });
}

function withoutHost<T extends string | undefined>(text: T, [names, ...keys]: Known): T | string {
  if (text === undefined) return text;
  const list = listOf(names);
  const unwanted = keys.map((key) => keyIn(key)?.key);
  return editLines(text, (lines) => {
    return lines.filter(({ text }) => {
      return !isAbout(text, list) || !unwanted.includes(keyIn(text)?.key);
    });
  });
}

/**
 * The account that commands run as knows the host, of one or several names, by these keys and no
 * others. Unapplied: not by these. Lines with hashed names stay as they are.
 *
 * @example ssh.knownHost(["web1.example.com", "web1"], ...ssh.keysOf(web1))
 */
export const knownHost = posixProperty<Known>("ssh.knownHost", {
  args: known,
  desc: (names) => `known host ${listOf(names).join(", ")}`,
  check: async (host, ...known) =>
    checkEdit(
      host,
      `${(await host.account()).home}/.ssh/known_hosts`,
      (text) => withHost(text, known),
      (text) => withoutHost(text, known),
    ),
  async apply(host, ...known) {
    const directory = `${(await host.account()).home}/.ssh`;
    if (!(await host.exists(directory))) await host.makeDirectory(directory, { mode: 0o700 });
    return applyEdit(host, `${directory}/known_hosts`, (text) => withHost(text, known));
  },
  async unapply(host, ...known) {
    const file = `${(await host.account()).home}/.ssh/known_hosts`;
    return applyEdit(host, file, (text) => withoutHost(text, known));
  },
});

const systemFile = "/etc/ssh/ssh_known_hosts";

/** Like {@link knownHost}, for all accounts of this host. */
export const systemKnownHost = posixProperty<Known>("ssh.systemKnownHost", {
  args: known,
  desc: (names) => `known host of all accounts ${listOf(names).join(", ")}`,
  check: (host, ...known) =>
    checkEdit(
      host,
      systemFile,
      (text) => withHost(text, known),
      (text) => withoutHost(text, known),
    ),
  apply: (host, ...known) => applyEdit(host, systemFile, (text) => withHost(text, known)),
  unapply: (host, ...known) => applyEdit(host, systemFile, (text) => withoutHost(text, known)),
});

/** All accounts of this host know the host around it, if that is said to have keys. */
export const parentIsSystemKnownHost = propSpec("ssh.parentIsSystemKnownHost", "posix", {
  args: z.tuple([]),
  desc: () => "the host around is a known host",
  props({ parent }) {
    const keys = parent?.get(hostKeyAttr) ?? [];
    return parent && keys.length > 0 ? [systemKnownHost(parent.hostname, ...keys)] : [];
  },
});
