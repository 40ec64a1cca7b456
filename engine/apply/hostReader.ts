import { defined } from "../../core/index.js";
import {
  CommandFailed,
  FailedChange,
  FileNotFound,
  isError,
  lastLines,
  printable,
  quoteWords,
  Secret,
  script,
  sh,
  type Words,
} from "../base/index.js";
import { accountAttr, type Connection } from "../connect/index.js";
import { HostFiles } from "../files/index.js";
import {
  type Account,
  assertDeclared,
  type CommandOptions,
  type CommandResult,
  type ConnattrKey,
  type DataItem,
  dataAttr,
  type FileStat,
  type LookingHost,
  type ReadonlyHostattrs,
} from "../model/index.js";
import { type Control, commandTerms, type LeftProcess } from "../shell/index.js";
import { type ApplyTerms, partOf } from "./terms.js";

/** What a combinator may change about how commands are run. */
export interface CommandPlace {
  /** HOME and working directory of commands. The account's own by default. */
  readonly home?: string;
}

/** The host that is looked at, and what limits that. */
export interface HostScope {
  readonly connection: Connection;
  readonly attrs: ReadonlyHostattrs;
  readonly signal: AbortSignal | undefined;
  readonly terms: ApplyTerms;
  readonly commands: CommandPlace;
  /** Told of what a command has left running that had to be ended. */
  readonly onLeft?: (processes: readonly LeftProcess[]) => void;
}

/** A host as a check sees it: there is no way in it to change anything. */
export class HostReader implements LookingHost {
  protected readonly about: HostScope;

  constructor(about: HostScope) {
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
    return this.files.read(path);
  }

  async readFile(path: string): Promise<string> {
    return Buffer.from(await this.readBytes(path)).toString("utf8");
  }

  async readBytesIfExists(path: string): Promise<Uint8Array | undefined> {
    try {
      return await this.readBytes(path);
    } catch (error) {
      if (isError(error, FileNotFound)) return undefined;
      throw error;
    }
  }

  async readFileIfExists(path: string): Promise<string | undefined> {
    const bytes = await this.readBytesIfExists(path);
    return bytes && Buffer.from(bytes).toString("utf8");
  }

  sha256(path: string): Promise<string | undefined> {
    this.tell(`reads ${path}`);
    return this.files.hash(path);
  }

  isEmptyDirectory(path: string): Promise<boolean> {
    this.tell(`looks into ${path}`);
    return this.files.isEmptyDirectory(path);
  }

  async stat(
    path: string,
    options: { readonly follow?: boolean } = {},
  ): Promise<FileStat | undefined> {
    this.tell(`looks at ${path}`);
    return this.files.stat(path, options.follow);
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

  protected get files(): HostFiles {
    const { connection, commands } = this.about;
    return new HostFiles(this.shell, connection.isHere, commands.home, this.control);
  }

  protected get control(): Control {
    const { signal, terms, onLeft } = this.about;
    return { ...partOf(commandTerms, terms), ...defined({ signal, onLeft }) };
  }

  /** Tells what is done on the host, to those who want to know everything. */
  protected tell(text: string): void {
    const { context, description } = this.about.connection;
    context.report(3, printable(`${description}: ${text}`));
  }

  /** If the content is a secret it is hidden in all that is told from now on, whoever tells it. */
  protected hide(content: unknown): void {
    if (content instanceof Secret) this.about.connection.context.hide?.(content);
  }

  protected async execute(
    command: Words,
    options: CommandOptions,
    looks: boolean,
  ): Promise<CommandResult> {
    const { mayFail, env, ...rest } = options;
    const { home } = this.about.commands;
    this.hide(options.stdin);
    this.tell(quoteWords(command));
    const result = await this.shell.exec(command, {
      ...defined({ cwd: home }),
      env: { ...defined({ HOME: home }), ...env },
      ...rest,
      ...this.control,
      looks,
    });
    const stdout = result.stdout.toString("utf8");
    const stderr = result.stderr.toString("utf8");
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
