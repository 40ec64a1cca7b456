import { randomBytes } from "node:crypto";
import type { Form } from "../../zygote/client.js";
import {
  AbortedChange,
  CommandFailed,
  FailedChange,
  FileNotFound,
  isError,
  lastLines,
  OutputTooLarge,
  operand,
  printable,
  quoteWords,
  Secret,
  script,
  sh,
  type Words,
} from "../base/index.js";
import { accountAttr, type Connection } from "../connect/index.js";
import {
  isInProc,
  readFile,
  readLocalFile,
  stat,
  statLocalFile,
  writeFile,
} from "../files/index.js";
import {
  type Account,
  assertDeclared,
  type CommandOptions,
  type CommandResult,
  type ConnattrKey,
  type DataItem,
  dataAttr,
  type FileAttributes,
  type FileStat,
  type LookingHost,
  type NodeHost,
  type Outcome,
  type PosixHost,
  type Propspec,
  type ReadonlyHostattrs,
} from "../model/index.js";
import type { ExecOptions, LeftProcess } from "../shell/index.js";

/** What a combinator may change about how commands are run. */
export interface Surroundings {
  /** HOME and working directory of commands. The account's own by default. */
  readonly home?: string;
}

interface About {
  readonly connection: Connection;
  readonly attrs: ReadonlyHostattrs;
  readonly signal: AbortSignal | undefined;
  /** A command that prints nothing for so long is ended. */
  readonly silenceMs?: number | undefined;
  readonly surroundings: Surroundings;
  /** Told of what a command has left running that had to be ended. */
  readonly onLeft?: (processes: readonly LeftProcess[]) => void;
}

/** A host as a check sees it: there is no way in it to change anything. */
export class Looking implements LookingHost {
  protected readonly about: About;

  constructor(about: About) {
    this.about = about;
  }

  get name(): string {
    return this.attrs.hostname;
  }

  get attrs(): ReadonlyHostattrs {
    return this.about.attrs;
  }

  query(command: Words, options: CommandOptions = {}): Promise<CommandResult> {
    return this.execute(command, options, true);
  }

  async test(command: Words, options: CommandOptions = {}): Promise<boolean> {
    return (await this.query(command, { ...options, mayFail: true })).exitCode === 0;
  }

  async readBytes(path: string): Promise<Uint8Array> {
    this.tell(`reads ${path}`);
    const file = this.absolute(path);
    return this.isLocal(file) ? readLocalFile(file) : readFile(this.shell, file, this.control);
  }

  async readFile(path: string): Promise<string> {
    return Buffer.from(await this.readBytes(path)).toString("utf8");
  }

  async readFileIfExists(path: string): Promise<string | undefined> {
    try {
      return await this.readFile(path);
    } catch (error) {
      if (isError(error, FileNotFound)) return undefined;
      throw error;
    }
  }

  async stat(
    path: string,
    options: { readonly follow?: boolean } = {},
  ): Promise<FileStat | undefined> {
    this.tell(`looks at ${path}`);
    const file = this.absolute(path);
    const found = this.isLocal(file) ? statLocalFile(file, options.follow) : "unnamed";
    return found === "unnamed" ? stat(this.shell, file, { ...options, ...this.control }) : found;
  }

  async exists(path: string): Promise<boolean> {
    return (await this.stat(path)) !== undefined;
  }

  account(): Promise<Account> {
    return this.connattr(accountAttr) as Promise<Account>;
  }

  async homeOf(user: string): Promise<string> {
    const { lines } = await this.query(sh`getent passwd ${user}`, { mayFail: true });
    const home = lines[0]?.split(":")[5];
    if (home) return home;
    throw new FailedChange(`there is no user ${user} on ${this.name}`, { user });
  }

  async findProgram(name: string): Promise<string | undefined> {
    const { exitCode, lines } = await this.query(script`command -v ${name}`, { mayFail: true });
    return exitCode === 0 ? lines[0] : undefined;
  }

  async data(iden1: string, iden2: string): Promise<DataItem> {
    assertDeclared(this.attrs.get(dataAttr), iden1, iden2);
    return this.about.connection.context.data(iden1, iden2);
  }

  connattr<T>(attr: ConnattrKey<T>): Promise<T | undefined> {
    return this.about.connection.connattrs.get(attr, this);
  }

  protected get shell() {
    return this.about.connection.shell;
  }

  protected get control(): Pick<ExecOptions, "signal" | "silenceMs" | "onLeft"> {
    const { signal, silenceMs, onLeft } = this.about;
    return {
      ...(signal ? { signal } : {}),
      ...(silenceMs === undefined ? {} : { silenceMs }),
      ...(onLeft ? { onLeft } : {}),
    };
  }

  /** What is done to the host, for those who want to know everything. */
  protected tell(text: string): void {
    const { context, description } = this.about.connection;
    context.report(3, printable(`${description}: ${text}`));
  }

  /** What is given to a host as a secret is not told, whoever tells it. */
  protected hide(content: unknown): void {
    if (content instanceof Secret) this.about.connection.context.hide?.(content);
  }

  /** Relative paths start at the home directory, as for commands. */
  protected absolute(path: string): string {
    const { home } = this.about.surroundings;
    return path.startsWith("/") || home === undefined ? operand(path) : `${home}/${path}`;
  }

  /** Whether this process itself can look at the file. */
  protected isLocal(file: string): boolean {
    return file.startsWith("/") && this.about.connection.isHere && isInProc();
  }

  protected async execute(
    command: Words,
    options: CommandOptions,
    looks: boolean,
  ): Promise<CommandResult> {
    const { mayFail, env, ...rest } = options;
    const { home } = this.about.surroundings;
    this.hide(options.stdin);
    this.tell(quoteWords(command));
    const result = await this.shell.exec(command, {
      ...(home === undefined ? {} : { cwd: home }),
      env: { ...(home === undefined ? {} : { HOME: home }), ...env },
      ...rest,
      ...this.control,
      looks,
    });
    const stdout = result.stdout.toString("utf8");
    const stderr = result.stderr.toString("utf8");
    if (looks && result.dropped > 0) {
      throw new OutputTooLarge(`${quoteWords(command)} printed too much`, {
        dropped: result.dropped,
        hint: "let it print only what is needed, or write to a file and read the end of that",
      });
    }
    if (result.exitCode !== 0 && !mayFail) {
      throw commandFailed(command, result, stdout, stderr);
    }
    const text = stdout.replace(/\r?\n$/, "");
    const lines = text === "" ? [] : text.split(/\r?\n/);
    return { exitCode: result.exitCode, stdout, stderr, lines };
  }
}

function commandFailed(
  command: Words,
  { exitCode, signal }: { exitCode: number; signal?: string },
  stdout: string,
  stderr: string,
): CommandFailed {
  const ending = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`;
  const tail = lastLines(stderr.trim() === "" ? stdout : stderr);
  return new CommandFailed(`a command ${ending}: ${quoteWords(command)}`, {
    command: quoteWords(command),
    exitCode,
    ...(signal ? { signal } : {}),
    output: tail,
    hint: "run it by hand on the host to see more; deploy again when it succeeds",
  });
}

/** The mode for chmod: with fewer than five digits the set-id bits of a directory would stay. */
function octal(mode: number): string {
  return mode.toString(8).padStart(5, "0");
}

/** What a host that can be changed asks of the application that is changing it. */
export interface Hooks {
  /** Called before each change. @throws LockHeld when there may be none */
  mayChange(): Promise<void>;
  /** Called before each change, so that what was seen earlier is not believed any more. */
  changes(): void;
  apply(propspec: Propspec): Promise<Outcome>;
  unapply(propspec: Propspec): Promise<Outcome>;
  atEnd(action: (outcome: Outcome) => Promise<void>): void;
  inform(text: string): void;
  deployment(): Form;
}

/** A host as apply and unapply see it. */
export class Changing extends Looking implements NodeHost, PosixHost {
  readonly kind = "node";
  readonly #hooks: Hooks;

  constructor(about: About, hooks: Hooks) {
    super(about);
    this.#hooks = hooks;
  }

  async run(command: Words, options: CommandOptions = {}): Promise<CommandResult> {
    await this.#hooks.mayChange();
    this.#hooks.changes();
    return this.execute(command, options, false);
  }

  async writeFile(
    path: string,
    content: string | Uint8Array | Secret,
    attributes: FileAttributes = {},
  ): Promise<void> {
    await this.#hooks.mayChange();
    this.#hooks.changes();
    this.hide(content);
    this.tell(`writes ${path}`);
    await writeFile(this.shell, this.absolute(path), content, { ...attributes, ...this.control });
  }

  async makeDirectory(path: string, attributes: FileAttributes = {}): Promise<void> {
    const { mode, user = "", group = "" } = attributes;
    const words = [this.absolute(path), mode === undefined ? "" : octal(mode), user, group];
    // Nobody else's until all is right: mkdir's own mode is as narrow as the one it will have.
    await this.run([
      ...script`set -e; d=$1 m=$2 u=$3 g=$4
      [ -z "$m" ] || [ -d "$d" ] || { mkdir -p -- "$(dirname -- "$d")"; mkdir -m "$m" -- "$d"; }
      mkdir -p -- "$d"
      [ -z "$u" ] || chown -- "$u" "$d"
      [ -z "$g" ] || chgrp -- "$g" "$d"
      [ -z "$m" ] || chmod -- "$m" "$d"`,
      "sh",
      ...words,
    ]);
  }

  async remove(
    paths: readonly string[],
    options: { readonly recursive?: boolean } = {},
  ): Promise<void> {
    const flags = options.recursive ? "-rf" : "-f";
    await this.run(sh`rm ${flags} -- ${paths.map((path) => this.absolute(path))}`);
  }

  async makeSymlink(path: string, target: string): Promise<void> {
    // Made beside and renamed over, so that there is no moment without the link.
    const link = this.absolute(path);
    const temporary = link.replace(/[^/]*$/, `.consfig-${randomBytes(12).toString("hex")}`);
    await this.run(
      script`ln -s -- ${target} ${temporary} && { mv -fT -- ${temporary} ${link} || { rm -f -- ${temporary}; exit 1; }; }`,
    );
  }

  async setMode(path: string, mode: number): Promise<void> {
    await this.run(sh`chmod ${octal(mode)} -- ${this.absolute(path)}`);
  }

  async setOwner(path: string, owner: Omit<FileAttributes, "mode">): Promise<void> {
    const { user, group } = owner;
    const who = `${user ?? ""}${group === undefined ? "" : `:${group}`}`;
    await this.run(sh`chown -h ${who} -- ${this.absolute(path)}`);
  }

  apply(propspec: Propspec): Promise<Outcome> {
    return this.#hooks.apply(propspec);
  }

  unapply(propspec: Propspec): Promise<Outcome> {
    return this.#hooks.unapply(propspec);
  }

  setConnattr<T>(attr: ConnattrKey<T>, value: T): void {
    this.about.connection.connattrs.set(attr, value);
  }

  forgetConnattr(attr: ConnattrKey): void {
    this.about.connection.connattrs.forget(attr);
  }

  atEnd(action: (host: PosixHost, outcome: Outcome) => Promise<void>): void {
    this.#hooks.atEnd((outcome) => action(this, outcome));
  }

  inform(text: string): void {
    this.#hooks.inform(text);
  }

  deployment(): Form {
    return this.#hooks.deployment();
  }

  async assertUid0(): Promise<void> {
    const { uid, name } = await this.account();
    if (uid === 0) return;
    throw new AbortedChange(`this needs uid 0, and commands run as ${name} (uid ${uid})`, {
      hint: "connect as root, or add sudo() to the host's chain",
    });
  }
}
