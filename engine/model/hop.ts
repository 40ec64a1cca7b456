import { z } from "zod";
import { areModulesChecked, whereCalled } from "../../core/definitions/index.js";
import type { Wire } from "../../core/index.js";
import type { Form } from "../../zygote/client.js";
import { type Secret, UnknownDefinition, UsageError, type Words } from "../base/index.js";
import type { ByteStream, Transport } from "./byteStream.js";
import type { DataItem } from "./data.js";
import type { PosixHost } from "./hostInterfaces.js";
import { checkedArgs, type Kind } from "./propspec.js";
import { registry } from "./registry.js";

declare const givesMark: unique symbol;

/** What the far side of a hop can carry; `same`: whatever the near side can. */
export type Gives = Kind | "same";

/** One step of a connection chain: frozen plain data. `K`: what the far side can carry. */
export interface Hop<K extends Gives = Gives> {
  /** The hop type's id. */
  readonly hop: string;
  readonly args: readonly Wire[];
  readonly [givesMark]?: K;
}

/** The hops from this process to a host, in order. */
export type Chain = readonly Hop[];

/** The kinds of property a chain can carry: all beyond a hop that gives a Node image, else posix. */
export type KindOfChain<C extends Chain> = C extends readonly [
  ...infer Before extends Chain,
  infer Last,
]
  ? Last extends { readonly [givesMark]?: infer K }
    ? "node" extends K
      ? Kind
      : "same" extends K
        ? KindOfChain<Before>
        : "posix"
    : never
  : Kind;

/** What may be asked of the hops of a deployment. */
export const hopTerms = z.strictObject({
  /** Keys of hosts that are not known yet are accepted, and remembered. Changed ones never are. */
  acceptNewHostKey: z.boolean().exactOptional(),
});

/** See {@link hopTerms}. */
export type HopTerms = Readonly<z.infer<typeof hopTerms>>;

/** What a hop is told about the deployment it is part of. */
export interface HopContext extends HopTerms {
  /** The name of the host that the whole chain leads to. */
  readonly hostname: string;
  readonly signal?: AbortSignal;
  /** Tells the person something, from the given verbosity on. */
  report(level: 1 | 2 | 3, text: string): void;
  /** An item of prerequisite data, e.g. a login password. Only the root process has any. */
  data(iden1: string, iden2: string): Promise<DataItem>;
  /**
   * May be asked before a login, since servers turn away those who log in at the same time as too many
   * others: settles when it is the turn of this one. The result is called when the login is over.
   */
  admit?(server: string): Promise<() => void>;
  /** Nothing that is told has the content in it from now on; what `data` gives is hidden anyway. */
  hide?(secret: Secret): void;
}

/** What a program may ask on its way in, and the answer. */
export interface Prompt {
  /** The prompt, exactly as it will be printed. Make it unguessable. */
  readonly text: string;
  readonly answer: Secret;
}

/** A shell beyond a hop: the command that leads into it, on the hop's near side. */
export interface HopCommand {
  readonly words: Words;
  readonly prompts?: readonly Prompt[];
}

/** How a Node image is started where the hops so far end in a shell. */
export interface ImageByShell {
  /** Shell text that prints the path of a Node that may be new enough, or nothing. */
  readonly find: string;
  /** Brings a Node, where none was found or the one that was found is of no use. @throws FailedChange */
  bring(host: PosixHost, found: string | undefined): Promise<void>;
}

/** How a Node image is started by a hop that needs no shell, and is the first of its chain. */
export interface ImageByItself {
  /** Starts Node somewhere with these words after its path. @throws ConnectionFailed */
  start(words: readonly string[]): Promise<ByteStream>;
}

/** How a type of hop works. */
export interface HopDefinition<K extends Gives, A extends readonly unknown[]> {
  readonly gives: K;
  readonly args: z.ZodType<NoInfer<A>>;
  /** The schema of those arguments that take effect where the hop is not the first; by default `args`. */
  readonly argsLater?: z.ZodType<NoInfer<A>>;
  /** The hop in a few words, for messages, e.g. `sudo root`. */
  readonly desc: (context: Pick<HopContext, "hostname">, ...args: A) => string;
  /** Opens a way to another machine, or to this one. Left out: never the first hop. */
  readonly open?: (context: HopContext, ...args: A) => Promise<Transport>;
  /** The command that runs `shell` beyond the hop. Left out: only ever the first hop. */
  readonly wrap?: (context: HopContext, shell: Words, ...args: A) => Promise<HopCommand>;
  /** How the far side comes to have a Node image. Left out: it does not. */
  readonly image?: (context: HopContext, ...args: A) => ImageByShell | ImageByItself;
  /** Prerequisite data that the hop needs: pairs of iden1 and iden2. */
  readonly requires?: (hostname: string, ...args: A) => readonly (readonly [string, string])[];
  /**
   * What a grandchild of the near side's Node image evaluates to be beyond the hop. Left out: there
   * is only a shell, even if the near side has a Node image.
   */
  readonly enter?: (...args: A) => Form;
  /** It leads nowhere: to this machine, as the account of this process. Only ever the first hop. */
  readonly isHere?: true;
  /** It leads to another account of the same host, whose name is its one argument. */
  readonly isAccount?: true;
}

type AnyHopDefinition = HopDefinition<Gives, readonly unknown[]>;

const hopTypes = registry<AnyHopDefinition>("hop");

/** The hop type of that id. @throws UnknownDefinition */
export const hopTypeOf = hopTypes.get;

/** A type of hop: call it with arguments to get a hop. */
export function hopType<K extends Gives, A extends readonly unknown[]>(
  id: string,
  definition: HopDefinition<K, A>,
): (...args: A) => Hop<K> {
  // The engine calls the definition only with arguments that its own schema has let through.
  const erased = definition as unknown as AnyHopDefinition;
  hopTypes.define(id, erased);
  return (...args) => makeHop<K>(id, args);
}

/** A hop of the type with that id. @throws UnknownDefinition, InvalidArgument */
export function makeHop<K extends Gives>(id: string, args: readonly unknown[]): Hop<K> {
  // The arguments were checked where the host was prepared.
  if (areModulesChecked()) return { hop: id, args: args as readonly Wire[] };
  const checked = checkedArgs(`hop ${id}`, hopTypeOf(id).args, args, whereCalled());
  return Object.freeze({ hop: id, args: checked });
}

/** Where the types are that the engine looks for by what they say of themselves, and not by their ids. */
const marks = {
  isHere: "consfigurator/connections/local",
  isAccount: "consfigurator/connections/as",
};

/** A hop of the type that says so of itself. @throws UnknownDefinition when there is none */
export function hopThat(says: keyof typeof marks, ...args: readonly unknown[]): Hop {
  const id = hopTypes.ids().find((one) => hopTypeOf(one)[says]);
  if (id !== undefined) return makeHop(id, args);
  throw new UnknownDefinition(`no hop that ${says} is defined`, { hint: `import ${marks[says]}` });
}

/** Whether the hop leads nowhere. */
export function isHere({ hop }: Hop): boolean {
  return hopTypeOf(hop).isHere === true;
}

/** The hops less the first one if that leads nowhere. */
export function withoutHere(hops: Chain): Chain {
  const [first, ...rest] = hops;
  return first && isHere(first) ? rest : hops;
}

/** The hops to go from the end of others that can carry that kind. @throws UsageError */
export function furtherFrom(kind: Kind, hops: Chain): Chain {
  // Where our own process runs on the host, that is what a hop that leads nowhere means.
  const further = kind === "node" ? withoutHere(hops) : hops;
  refuseHere(further);
  checkLater(kind === "node" ? further.slice(1) : further);
  return further;
}

/** Whether the value has the shape of a hop. */
export function isHop(value: unknown): value is Hop {
  return (
    typeof value === "object" &&
    value !== null &&
    "hop" in value &&
    typeof value.hop === "string" &&
    "args" in value &&
    Array.isArray(value.args)
  );
}

/** What the end of the chain can carry. @throws UsageError when the chain is empty */
export function kindOfChain(chain: Chain): Kind {
  if (chain.length === 0) throw new UsageError("a chain of hops is empty");
  for (const { hop } of chain.toReversed()) {
    const { gives } = hopTypeOf(hop);
    if (gives !== "same") return gives;
  }
  return "node"; // it starts in this process
}

/** The chain with its first hop made explicit. @throws UsageError when it leads nowhere */
export function fromHere(chain: Chain): readonly [Hop, ...Hop[]] {
  const [first, ...rest] = chain;
  if (!first) throw new UsageError("a chain of hops is empty");
  refuseHere(rest);
  checkLater(rest);
  return hopTypeOf(first.hop).open ? [first, ...rest] : [hopThat("isHere"), first, ...rest];
}

/** What is said of the hops takes effect where they are. @throws InvalidArgument */
function checkLater(hops: Chain): void {
  for (const { hop, args } of hops) {
    const { argsLater } = hopTypeOf(hop);
    if (argsLater) checkedArgs(`hop ${hop}, which is not the first`, argsLater, args, undefined);
  }
}

/** The machine that this process runs on: beyond a shell that would be the wrong one. */
function refuseHere(hops: Chain): void {
  if (!hops.some(isHere)) return;
  throw new UsageError("local() is not the first hop of its chain", {
    hint: "leave it out: hops already start where the ones before them end",
  });
}

/** Prerequisite data that the hops need: pairs of iden1 and iden2. */
export function requiredBy(hops: Chain, hostname: string): readonly (readonly [string, string])[] {
  return hops.flatMap(({ hop, args }) => hopTypeOf(hop).requires?.(hostname, ...args) ?? []);
}

/** The chain in words, e.g. `ssh root@web1 → sudo postgres`. */
export function describeChain(chain: Chain, hostname: string): string {
  return chain.map((hop) => hopTypeOf(hop.hop).desc({ hostname }, ...hop.args)).join(" → ");
}
