import type { Form } from "../../zygote/client.js";
import { AbortedChange, type Secret, type Words } from "../base/index.js";
import { makesDirectory, makesSymlink, removes, setsMode, setsOwner } from "../files/index.js";
import type {
  CommandOptions,
  CommandResult,
  ConnattrKey,
  FileAttributes,
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
    await this.#hooks.mayChange();
    this.#hooks.changes();
    this.hide(content);
    this.tell(`writes ${path}`);
    await this.files.write(path, content, attributes);
  }

  async makeDirectory(path: string, attributes: FileAttributes = {}): Promise<void> {
    await this.run(makesDirectory(this.files.absolute(path), attributes));
  }

  async remove(
    paths: readonly string[],
    options: { readonly recursive?: boolean } = {},
  ): Promise<void> {
    const all = paths.map((path) => this.files.absolute(path));
    await this.run(removes(all, options.recursive));
  }

  async makeSymlink(path: string, target: string): Promise<void> {
    await this.run(makesSymlink(this.files.absolute(path), target));
  }

  async setMode(path: string, mode: number): Promise<void> {
    await this.run(setsMode(this.files.absolute(path), mode));
  }

  async setOwner(path: string, owner: Omit<FileAttributes, "mode">): Promise<void> {
    await this.run(setsOwner(this.files.absolute(path), owner));
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
