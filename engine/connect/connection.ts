import { randomBytes } from "node:crypto";
import { onAbort } from "../../core/index.js";
import { loginShellLine, script, UsageError, type Words } from "../base/index.js";
import {
  type Account,
  type ByteStream,
  type Chain,
  connattr,
  describeChain,
  fromHere,
  furtherFrom,
  type Hop,
  type HopContext,
  hopTypeOf,
  isHere,
  type Kind,
  type Prompt,
  type Transport,
} from "../model/index.js";
import { openShell, type ShellSession, shellWords, type Traffic } from "../shell/index.js";
import { Connattrs } from "./connattrs.js";

/** The account that commands run as. Its home is looked up by name, since HOME may be another's. */
export const accountAttr = connattr<Account>("account", {
  async learn(host) {
    const { lines } = await host.query(
      // A tree that is chrooted into may have no names for its accounts.
      script`n=$(id -un 2>/dev/null) || n=$(id -u); id -u && id -g && printf "%s\n" "$n"; h=$HOME
        case $n in [0-9]* | *[!A-Za-z0-9._-]*) ;; *) eval "h=~$n" ;; esac; printf "%s\n" "$h"`,
    );
    const [uid, gid, name = "", home = "/"] = lines;
    return { name, uid: Number(uid), gid: Number(gid), home };
  },
});

/** A transport that several connections share. */
interface Root {
  readonly transport: Transport;
  users: number;
}

/** A hop, and the host that it is on the way to: a chain can go on from one host to another. */
interface Leg {
  readonly hop: Hop;
  readonly hostname: string;
}

function legsOf(chain: Chain, { hostname }: HopContext): readonly Leg[] {
  return chain.map((hop) => ({ hop, hostname }));
}

function describeLegs(legs: readonly Leg[]): string {
  return legs.map(({ hop, hostname }) => describeChain([hop], hostname)).join(" → ");
}

/**
 * A shell at the end of a chain of hops.
 *
 * The first hop opens a transport; those after it are commands, each of which turns a shell on its
 * near side into one on its far side, composed into the one command that the transport starts.
 */
export class Connection {
  readonly kind: Kind;
  /** The chain in words. */
  readonly description: string;
  readonly shell: ShellSession;
  readonly connattrs: Connattrs;
  readonly context: HopContext;
  readonly #root: Root;
  readonly #legs: readonly Leg[];
  #alive = true;

  private constructor(
    root: Root,
    legs: readonly Leg[],
    shell: ShellSession,
    connattrs: Connattrs,
    context: HopContext,
  ) {
    this.#root = root;
    this.#legs = legs;
    this.shell = shell;
    this.connattrs = connattrs;
    this.context = context;
    // Beyond a hop that can also be entered by a grandchild there is a shell all the same.
    this.kind = legs.every(({ hop }) => hopTypeOf(hop.hop).gives === "node") ? "node" : "posix";
    this.description = describeLegs(legs);
    void shell.ended.then(() => {
      this.#alive = false;
    });
  }

  /**
   * A connection over the chain, which starts at this machine. `known`: the connattrs it starts with.
   *
   * @throws ConnectionFailed
   */
  static async open(
    chain: Chain,
    context: HopContext,
    known = new Connattrs(),
  ): Promise<Connection> {
    const whole = fromHere(chain);
    const [first] = whole;
    const definition = hopTypeOf(first.hop);
    if (!definition.open) throw new UsageError(`the hop ${first.hop} cannot be the first`);
    const transport = await definition.open(context, ...first.args);
    const root = { transport, users: 0 };
    return Connection.#start(root, legsOf(whole, context), known, context);
  }

  /** A connection over the same transport that goes further hops. @throws ConnectionFailed */
  async deeper(hops: Chain, hostname: string): Promise<Connection> {
    const context: HopContext = { ...this.context, hostname };
    const connattrs = new Connattrs(await this.connattrs.beyond(hops));
    const legs = [...this.#legs, ...legsOf(furtherFrom(this.kind, hops), context)];
    return Connection.#start(this.#root, legs, connattrs, context);
  }

  /**
   * Another connection over the same chain, with a shell of its own. `signal` ends its opening: it is
   * given by those who connect after the deployment was cancelled, to end what is left there.
   *
   * @throws ConnectionFailed
   */
  async another(signal = this.context.signal): Promise<Connection> {
    const connattrs = new Connattrs(await this.connattrs.beyond([]));
    const context = { ...this.context, ...(signal ? { signal } : {}) };
    return Connection.#start(this.#root, this.#legs, connattrs, context);
  }

  static async #start(
    root: Root,
    legs: readonly Leg[],
    connattrs: Connattrs,
    context: HopContext,
  ): Promise<Connection> {
    const { command, prompts } = await compose(legs, context);
    root.users++;
    try {
      const stream = await opened(root.transport, command, context.signal);
      const shell = await openShell(stream, {
        description: describeLegs(legs),
        prompts,
        ...(context.signal ? { signal: context.signal } : {}),
      });
      return new Connection(root, legs, shell, connattrs, context);
    } catch (error) {
      await release(root);
      throw error;
    }
  }

  /** Whether the shell is still there. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Whether the connection leads to this machine, as the account of this process. */
  get isHere(): boolean {
    return this.#legs.every(({ hop }) => isHere(hop));
  }

  /** What the connection's shell has cost so far. */
  get traffic(): Traffic {
    return this.shell.statistics;
  }

  /** The shell has ended, and the transport too if no other connection uses it. */
  async close(): Promise<void> {
    await this.shell.close();
    await release(this.#root);
  }
}

/**
 * A stream whose opening can be cancelled. Once it is open it is left alone: cancelling then means
 * to stop what runs there politely, and that needs the stream.
 */
async function opened(
  transport: Transport,
  command: string,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  const opening = new AbortController();
  const stop = onAbort(signal, () => opening.abort());
  try {
    return await transport.open(command, opening.signal);
  } finally {
    stop();
  }
}

async function release(root: Root): Promise<void> {
  root.users--;
  if (root.users === 0) await root.transport.close();
}

/** One command line, for whatever login shell the far end has, that runs our shell program there. */
async function compose(
  legs: readonly Leg[],
  context: HopContext,
): Promise<{ command: string; prompts: readonly Prompt[] }> {
  let words: Words = shellWords;
  const prompts: Prompt[] = [];
  for (const { hop, hostname } of legs.slice(1).toReversed()) {
    const { wrap } = hopTypeOf(hop.hop);
    if (!wrap) throw new UsageError(`the hop ${hop.hop} can only be the first`);
    const further = await wrap({ ...context, hostname }, words, ...hop.args);
    words = further.words;
    prompts.unshift(...(further.prompts ?? []));
  }
  return { command: loginShellLine(words), prompts };
}

/** A prompt that nobody can guess, so that nobody else can ask for the answer. */
export function unguessablePrompt(): string {
  return `[consfig ${randomBytes(12).toString("hex")}] `;
}
