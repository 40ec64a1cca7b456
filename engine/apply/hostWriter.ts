import type { Form } from "../../zygote/client.js";
import { AbortedChange, FileChanged, isError, type Secret, type Words } from "../base/index.js";
import type { HostFiles } from "../files/index.js";
import type {
  CommandOptions,
  CommandResult,
  ConnattrKey,
  FileAttributes,
  FileEdit,
  NodeHost,
  Outcome,
  PosixHost,
  Propspec,
} from "../model/index.js";
import { HostReader, type HostScope } from "./hostReader.js";

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
export class HostWriter extends HostReader implements NodeHost, PosixHost {
  readonly kind = "node";
  readonly #hooks: Hooks;

  constructor(about: HostScope, hooks: Hooks) {
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
    this.hide(content);
    await this.change(`writes ${path}`, (files) => files.write(path, content, attributes));
  }

  async editFile(path: string, edit: FileEdit, attributes: FileAttributes = {}): Promise<Outcome> {
    for (let tries = 0; ; tries++) {
      const before = await this.readBytesIfExists(path);
      const after = edit(before);
      const isSame =
        before !== undefined && after !== undefined && Buffer.from(before).equals(after);
      if (after === undefined || (isSame && Object.keys(attributes).length === 0))
        return "unchanged";
      const options = { ...attributes, madeFrom: before ?? ("none" as const) };
      try {
        await this.change(`writes ${path}`, (files) => files.write(path, after, options));
        return "changed";
      } catch (error) {
        if (!isError(error, FileChanged) || tries === 2) throw error;
      }
    }
  }

  makeDirectory(path: string, attributes: FileAttributes = {}): Promise<void> {
    return this.change(`makes ${path}`, (files) => files.makeDirectory(path, attributes));
  }

  remove(
    paths: readonly string[],
    options: { readonly recursive?: boolean; readonly ifEmpty?: boolean } = {},
  ): Promise<void> {
    const directories = options.recursive ? "whole" : options.ifEmpty ? "empty" : "none";
    return this.change(`removes ${paths.join(", ")}`, (files) => files.remove(paths, directories));
  }

  makeSymlink(path: string, target: string): Promise<void> {
    return this.change(`makes ${path}`, (files) => files.makeSymlink(path, target));
  }

  setMode(path: string, mode: number): Promise<void> {
    return this.change(`changes ${path}`, (files) => files.setMode(path, mode));
  }

  setOwner(path: string, owner: Omit<FileAttributes, "mode">): Promise<void> {
    return this.change(`changes ${path}`, (files) => files.setOwner(path, owner));
  }

  copyFile(path: string, source: string): Promise<void> {
    return this.change(`copies ${source}`, (files) => files.copy(path, source));
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

  /** All that changes a file goes through here. */
  private async change(what: string, change: (files: HostFiles) => Promise<void>): Promise<void> {
    await this.#hooks.mayChange();
    this.#hooks.changes();
    this.tell(what);
    await change(this.files);
  }

  async assertUid0(): Promise<void> {
    const { uid, name } = await this.account();
    if (uid === 0) return;
    throw new AbortedChange(`this needs uid 0, and commands run as ${name} (uid ${uid})`, {
      hint: "connect as root, or add sudo() to the host's chain",
    });
  }
}
