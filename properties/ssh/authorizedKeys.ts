import { z } from "zod";
import {
  FileFailed,
  type Finding,
  isError,
  type LookingHost,
  type Outcome,
  type PosixHost,
  type Property,
  posixProperty,
} from "../../engine/index.js";
import { applyEdit, editLines, newLine, readText } from "../file/shared.js";
import { accountName, asAccount, assertAs, homeIfAny } from "../user/shared.js";
import { keyIn, keyWithOptions } from "./keys.js";

/** Whose keys are meant, and whether there may be others. */
export interface KeyOptions {
  /** The account's that commands run as by default. Another's needs uid 0, and the `as` hop. */
  readonly user?: string;
  /** No other key is authorized. */
  readonly exclusive?: boolean;
}

type KeyArgs = [...keys: string[]] | [options: KeyOptions, ...keys: string[]];

const options = z.strictObject({
  user: accountName.exactOptional(),
  exclusive: z.boolean().exactOptional(),
});
const keyArgs = z.union([
  z.tuple([keyWithOptions], keyWithOptions),
  z.tuple([options, keyWithOptions], keyWithOptions),
]);

function hasOptions(args: KeyArgs): args is [options: KeyOptions, ...keys: string[]] {
  return typeof args[0] === "object";
}

function read(args: KeyArgs): { options: KeyOptions; keys: readonly string[] } {
  if (!hasOptions(args)) return { options: {}, keys: args };
  const [options, ...keys] = args;
  return { options, keys };
}

/** With the keys: a line that has one of them is as given, with its options and comment. */
function withKeys(text: string | undefined, keys: readonly string[], exclusive = false): string {
  const wanted = new Map(keys.map((line) => [keyIn(line)?.key, line]));
  return editLines(text, (lines) => {
    const left = new Map(wanted);
    const kept = lines.flatMap((line) => {
      const key = keyIn(line.text)?.key;
      if (key === undefined || (!exclusive && !wanted.has(key))) return [line];
      const text = left.get(key);
      left.delete(key);
      return text === undefined ? [] : [{ ...line, text }];
    });
    return [...kept, ...Array.from(left.values(), newLine)];
  });
}

function withoutKeys(text: string, keys: readonly string[]): string {
  const unwanted = keys.map((line) => keyIn(line)?.key);
  return editLines(text, (lines) => {
    return lines.filter(({ text }) => !unwanted.includes(keyIn(text)?.key ?? ""));
  });
}

async function find(host: LookingHost, args: KeyArgs): Promise<Finding> {
  const { options } = read(args);
  const home = await homeIfAny(host, options.user);
  // An account that is not there has no keys: nothing is to be undone, and applying fails with the
  // reason.
  if (home === undefined) return false;
  try {
    return await findIn(host, `${home}/.ssh`, args);
  } catch (error) {
    // Whose directory it is may have a link there, which is not followed for them: they look themselves.
    if (isError(error, FileFailed)) return "partly";
    throw error;
  }
}

async function findIn(host: LookingHost, directory: string, args: KeyArgs): Promise<Finding> {
  const { options, keys } = read(args);
  const [text, ...stats] = await Promise.all([
    readText(host, `${directory}/authorized_keys`),
    host.stat(directory, { follow: true }),
    host.stat(`${directory}/authorized_keys`, { follow: true }),
  ]);
  if (text === undefined) return false;
  const isPrivate = stats.every((stat) => stat && (stat.mode & 0o077) === 0);
  if (isPrivate && withKeys(text, keys, options.exclusive) === text) return true;
  return withoutKeys(text, keys) !== text && "partly";
}

async function write(host: PosixHost, args: KeyArgs): Promise<Outcome> {
  const { options, keys } = read(args);
  const file = ".ssh/authorized_keys";
  await host.makeDirectory(".ssh", { mode: 0o700 });
  const edit = (text: string | undefined) => withKeys(text, keys, options.exclusive);
  return applyEdit(host, file, edit, { mode: 0o600 });
}

function remove(host: PosixHost, args: KeyArgs): Promise<Outcome> {
  const edit = (text: string | undefined) => text && withoutKeys(text, read(args).keys);
  return applyEdit(host, ".ssh/authorized_keys", edit);
}

/**
 * Who has one of the keys may log in as the user, in the way that the key's options say; only they,
 * with `exclusive`. The directory and the file can be read by nobody else. Unapplied: with none of
 * these keys.
 *
 * A key is the same with other options or another comment: its line is updated.
 *
 * @example ssh.authorizedKeys({ user: "alice" }, "ssh-ed25519 AAAA… alice@laptop")
 */
export const authorizedKeys: Property<"posix", KeyArgs, true> = posixProperty<KeyArgs>(
  "ssh.authorizedKeys",
  {
    args: keyArgs,
    desc(...args) {
      const { options, keys } = read(args);
      const whose = options.user === undefined ? "" : ` for ${options.user}`;
      const count = keys.length === 1 ? "one key" : `${keys.length} keys`;
      return `${options.exclusive ? "only " : ""}${count} authorized${whose}`;
    },
    hostattrs: (_attrs, ...args) => assertAs(read(args).options.user),
    check: (host, ...args) => find(host, args),
    apply: (host, ...args) =>
      asAccount(host, "apply", read(args).options.user, own(args), () => write(host, args)),
    unapply: (host, ...args) =>
      asAccount(host, "unapply", read(args).options.user, own(args), () => remove(host, args)),
  },
);

/** The same property without `user`, as it is applied by that user. */
function own(args: KeyArgs) {
  const { options, keys } = read(args);
  return authorizedKeys({ exclusive: options.exclusive ?? false }, ...keys);
}
