import type { Form } from "../../zygote/client.js";
import type { Secret, Words } from "../base/index.js";
import type { DataItem } from "./data.js";
import type { ReadonlyHostattrs } from "./hostattrs.js";
import type { Kind, Outcome, Propspec } from "./propspec.js";

declare const valueMark: unique symbol;

/** What a connattr is known by; `T` is what its value is. */
export interface ConnattrKey<T = unknown> {
  readonly key: string;
  /** Only for the compiler: there is no such field. */
  readonly [valueMark]?: T;
}

/** How a command is run. */
export interface CommandOptions {
  /** What the command reads; nothing by default. */
  readonly stdin?: string | Uint8Array | Secret;
  /** Variables set (or, if undefined, unset) for this command alone. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Directory to run it in; the account's home by default. */
  readonly cwd?: string;
  /** Ended when it has run that long. By default 10 minutes for one that looks; else no limit. */
  readonly timeoutMs?: number;
  /** Do not throw when the exit code is not 0. */
  readonly mayFail?: boolean;
}

/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout. */
  readonly lines: readonly string[];
}

/** A file as the host tells of it. */
export interface FileStat {
  readonly type: "file" | "directory" | "symlink" | "fifo" | "socket" | "block" | "character";
  /** Permission, set-id and sticky bits: `0o7777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** What a symlink points to, as it stands there. */
  readonly target?: string;
}

/** The account that commands run as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** What a `check` gets: the ways to look at a host. None of them changes anything. */
export interface LookingHost {
  /** The host's name in the consfig. */
  readonly name: string;
  readonly attrs: ReadonlyHostattrs;
  /**
   * The result of a command that only looks. Commands that only look are sent ahead of time and
   * several together, so they must not depend on each other's order.
   *
   * @throws CommandFailed when the exit code is not 0 and `mayFail` is not set.
   */
  query(command: Words, options?: CommandOptions): Promise<CommandResult>;
  /** Whether a command that only looks ends with exit code 0. */
  test(command: Words, options?: CommandOptions): Promise<boolean>;
  /** A file's text, as UTF-8. @throws FileNotFound, FileFailed */
  readFile(path: string): Promise<string>;
  /** A file's bytes. @throws FileNotFound, FileFailed */
  readBytes(path: string): Promise<Uint8Array>;
  /** A file's bytes, or undefined if there is no such file. @throws FileFailed */
  readBytesIfExists(path: string): Promise<Uint8Array | undefined>;
  /** The SHA-256 of a file of any size, in hexadecimal digits, or undefined if there is none. @throws FileFailed */
  sha256(path: string): Promise<string | undefined>;
  /** Whether a directory is at the path, no symlink to one, and nothing in it. */
  isEmptyDirectory(path: string): Promise<boolean>;
  /** A file's text, or undefined if there is no such file. @throws FileFailed */
  readFileIfExists(path: string): Promise<string | undefined>;
  /** What is at the path, or undefined if nothing is. A symlink is told of itself unless `follow`. */
  stat(path: string, options?: { readonly follow?: boolean }): Promise<FileStat | undefined>;
  /** Whether anything is at the path; a symlink counts even if it leads nowhere. */
  exists(path: string): Promise<boolean>;
  /** The account that commands run as. */
  account(): Promise<Account>;
  /** A program's path, or undefined when it is not on the PATH. */
  findProgram(name: string): Promise<string | undefined>;
  /** A connattr of this connection: learnt now if it is not known, undefined if it cannot be. */
  connattr<T>(attr: ConnattrKey<T>): Promise<T | undefined>;
  /** An item of prerequisite data that the hostattrs declare. @throws MissingData */
  data(iden1: string, iden2: string): Promise<DataItem>;
}

/** Mode and owner of a file that is written. Left out: kept as they are, or 0644 and the account's. */
export interface FileAttributes {
  readonly mode?: number;
  readonly user?: string | number;
  readonly group?: string | number;
}

/** A file's bytes as they should be, from its bytes as they are. Undefined: there is no file. */
export type FileEdit = (bytes: Uint8Array | undefined) => Uint8Array | undefined;

/** What `apply` and `unapply` get: also the ways to change a host over a POSIX shell. */
export interface PosixHost extends LookingHost {
  /** The result of a command. @throws CommandFailed when the exit code is not 0 and `mayFail` is not set. */
  run(command: Words, options?: CommandOptions): Promise<CommandResult>;
  /**
   * The file has that content. At every instant it is wholly old or wholly new, with its final mode
   * and owner.
   *
   * @throws FileFailed
   */
  writeFile(
    path: string,
    content: string | Uint8Array | Secret,
    attributes?: FileAttributes,
  ): Promise<void>;
  /**
   * The file has the content that the function makes of what it has now: undefined stands for no file,
   * and as a result for leaving all as it is. What somebody else writes meanwhile is not lost: the
   * function is called anew with that.
   *
   * @throws FileFailed
   */
  editFile(path: string, edit: FileEdit, attributes?: FileAttributes): Promise<Outcome>;
  /** The path is a copy of that file on the host, with its mode, owner and times. */
  copyFile(path: string, source: string): Promise<void>;
  /** The directory exists, and those above it. */
  makeDirectory(path: string, attributes?: FileAttributes): Promise<void>;
  /** Nothing is at these paths; directories need `recursive`, or `ifEmpty` for empty ones. */
  remove(
    paths: readonly string[],
    options?: { readonly recursive?: boolean; readonly ifEmpty?: boolean },
  ): Promise<void>;
  /** A symlink is at the path, in place of a symlink that was there. */
  makeSymlink(path: string, target: string): Promise<void>;
  /** The mode of what is at the path is that. */
  setMode(path: string, mode: number): Promise<void>;
  /** The owner and group of what is at the path (of the link itself, if it is one) are those. */
  setOwner(path: string, owner: Omit<FileAttributes, "mode">): Promise<void>;
  /** Applies a property now, as a part of this one. Its hostattrs must say nothing new. */
  apply(propspec: Propspec<"posix">): Promise<Outcome>;
  /** Unapplies a property now, as a part of this one. */
  unapply(propspec: Propspec<"posix", true>): Promise<Outcome>;
  /** The connattr has that value as long as the connection lasts, or until it is forgotten. */
  setConnattr<T>(attr: ConnattrKey<T>, value: T): void;
  /** The connattr is learnt anew when it is next asked for: its value may have changed. */
  forgetConnattr(attr: ConnattrKey): void;
  /** Calls the function when the deployment has applied all, last registered first. */
  atEnd(action: (host: PosixHost, outcome: Outcome) => Promise<void>): void;
  /** Shows a line to the person, with `-v`. */
  inform(text: string): void;
  /** @throws AbortedChange unless commands run as uid 0. */
  assertUid0(): Promise<void>;
}

/** What the subroutines of a node property get: they run on the host itself. */
export interface NodeHost extends Omit<PosixHost, "apply" | "unapply"> {
  /** Tells the two kinds of host apart. */
  readonly kind: Extract<Kind, "node">;
  /**
   * A form that applies all that this host is to have, on the machine where it is evaluated. Prerequisite
   * data are those that machine keeps.
   */
  deployment(): Form;
  /** Applies a property now, as a part of this one. Its hostattrs must say nothing new. */
  apply(propspec: Propspec): Promise<Outcome>;
  /** Unapplies a property now, as a part of this one. */
  unapply(propspec: Propspec<Kind, true>): Promise<Outcome>;
}
