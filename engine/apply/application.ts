import { inspect } from "node:util";
import {
  AbortedChange,
  BrokenProperty,
  Cancelled,
  ConnectionLost,
  ConsfigError,
  FailedChange,
  HostattrsTooLate,
  isError,
  LockHeld,
} from "../base/index.js";
import type { Connection } from "../connect/index.js";
import {
  type Chain,
  combinatorOf,
  type Direction,
  type Finding,
  type Hostattrs,
  type Outcome,
  type Prepared,
  type PreparedApp,
  type PreparedCombination,
  type PreparedHost,
  type Propspec,
  propertyOf,
  type SequenceOptions,
} from "../model/index.js";
import { assertCarries, continueDeploy, describe, preparePropspec } from "../prepare/index.js";
import {
  type Ending,
  type Item,
  type ItemPlace,
  itemOf,
  leaveOut,
  type Reporter,
} from "../report/index.js";
import { describeLeft, type LeftProcess } from "../shell/index.js";
import { Changing, Looking, type Surroundings } from "./connectedHost.js";
import type { Earlier, FarEnd, Reach } from "./endpoint.js";
import { asFailure, assertNotCancelled } from "./failure.js";
import { Lookahead } from "./lookahead.js";

/** What one application of a propspec shares with those inside it. */
interface Shared {
  readonly host: PreparedHost;
  readonly connection: Connection;
  readonly reach: Reach;
  readonly reporter: Reporter;
  readonly attrs: Hostattrs;
  readonly lookahead: Lookahead;
  readonly atEnd: ((outcome: Outcome) => Promise<void>)[];
  readonly signal: AbortSignal | undefined;
  readonly earlier?: Earlier;
  /** Paths of what has been unapplied. */
  readonly undone: Set<string>;
  readonly silenceMs?: number | undefined;
  /** The host's lock: nothing may change, and no outcome is certain, before it is held. */
  readonly locked: Promise<void>;
  /** How often something has changed, or may have. */
  readonly changes: { count: number };
}

/** Where in the report, and in what surroundings, an application is. */
interface Place extends ItemPlace {
  readonly surroundings: Surroundings;
  /** Codes of errors that an enclosing sequence takes for "not for here" and not for failures. */
  readonly forgives: readonly string[];
}

/**
 * A prepared propspec being applied over one connection.
 *
 * Combinators are given this: they apply their props through it, and every propapp that passes
 * here ends in the report as exactly one of changed, unchanged, failed and not reached.
 */
export class Application {
  readonly #shared: Shared;
  readonly #place: Place;
  /** Whether what was applied last has changed something in this run. */
  #hasChanged = false;
  /** The host as a check sees it. */
  readonly looking: Looking;
  /** The host as apply sees it. */
  readonly host: Changing;

  private constructor(shared: Shared, place: Place) {
    this.#shared = shared;
    this.#place = place;
    const { connection, attrs, lookahead, signal, silenceMs, reporter, locked } = shared;
    const about = {
      connection,
      attrs,
      signal,
      silenceMs,
      surroundings: place.surroundings,
      onLeft: (processes: readonly LeftProcess[]) => {
        reporter.left(processes);
        reporter.inform(1, describeLeft(processes));
      },
    };
    this.looking = new Looking(about);
    this.host = new Changing(about, {
      mayChange: () => locked,
      changes: () => lookahead.changed(),
      apply: (propspec) => this.#partly("apply", propspec),
      unapply: (propspec) => this.#partly("unapply", propspec),
      atEnd: (action) => shared.atEnd.push(action),
      inform: (text) => reporter.inform(1, text),
      deployment: () => continueDeploy(shared.host),
    });
  }

  /**
   * The propspec is applied over the connection, and then what was to be done at the end. `lock`: the
   * host is locked, after others were waited for or not.
   *
   * @throws KindMismatch before anything is applied, when the connection cannot carry the propspec.
   */
  static async run(
    propspec: Prepared,
    direction: Direction,
    about: Omit<Shared, "lookahead" | "atEnd" | "undone" | "changes" | "locked"> &
      Partial<ItemPlace>,
    lock: Promise<boolean> = Promise.resolve(false),
  ): Promise<Outcome> {
    const { depth = 0, silent = false, within = "", ...rest } = about;
    const lookahead = new Lookahead();
    const locked = lock.then((hasWaited) => {
      // What was seen meanwhile may be so no more.
      if (hasWaited) lookahead.changed();
    });
    locked.catch(() => {}); // whoever must have it waits for it
    const shared: Shared = {
      ...rest,
      lookahead,
      locked,
      atEnd: [],
      undone: new Set(),
      changes: { count: 0 },
    };
    const place = { depth, silent, within, surroundings: {}, forgives: [] };
    const application = new Application(shared, place);
    try {
      assertCarries(shared.connection.kind, propspec, shared.connection.description);
      // Here a property can change the host by itself, without asking.
      if (shared.connection.kind === "node") await locked;
    } catch (error) {
      application.leaveOut([propspec], reasonOf(error, "the connection cannot carry it"));
      throw error;
    }
    const outcome = await application.#turn(propspec, direction);
    await shared.locked; // what has no line in the report does not wait for it
    await application.#end(outcome);
    return outcome;
  }

  /** The prop is applied. None: nothing to do. */
  apply(prop: Prepared | undefined): Promise<Outcome> {
    return this.#one(prop, "apply");
  }

  /** The prop is unapplied. None: nothing to do. */
  unapply(prop: Prepared | undefined): Promise<Outcome> {
    return this.#one(prop, "unapply");
  }

  async #one(prop: Prepared | undefined, direction: Direction): Promise<Outcome> {
    const { changes } = this.#shared;
    const { count } = changes;
    const outcome = prop ? await this.#turn(prop, direction) : "unchanged";
    this.#hasChanged = changes.count > count;
    return outcome;
  }

  /** The props are applied one after the other, or unapplied in reverse order. */
  async sequence(props: readonly Prepared[], options: SequenceOptions): Promise<Outcome> {
    const { direction, skip, until } = options;
    const order = direction === "apply" ? props : props.toReversed();
    const forgives = skip ? [] : until ? [...this.#place.forgives, until] : this.#place.forgives;
    const inside = new Application(this.#shared, { ...this.#place, forgives });
    let outcome: Outcome = "unchanged";
    for (const [index, prop] of order.entries()) {
      try {
        assertNotCancelled(this.#shared.signal);
        this.#shared.lookahead.begin(this.#checksOf(order.slice(index)));
        if ((await inside.#turn(prop, direction)) === "changed") outcome = "changed";
      } catch (error) {
        const lost = isError(error, ConnectionLost) && !this.#shared.connection.alive;
        const rest = order.slice(index + 1);
        if (skip && isError(error, FailedChange) && !lost) {
          if (!isError(error, AbortedChange)) outcome = "changed";
        } else if (until && error instanceof ConsfigError && error.codes.includes(until)) {
          this.leaveOut(rest, "an earlier step is not for here", false);
          return isError(error, AbortedChange) ? outcome : "changed";
        } else {
          this.leaveOut(rest, reasonOf(error, "an earlier step failed"));
          throw error;
        }
      }
    }
    return outcome;
  }

  /** After the first of several: the others are applied, in order, if it changed something. */
  async followedBy(outcome: Outcome, then: readonly Prepared[]): Promise<Outcome> {
    if (outcome === "changed") await this.#following().sequence(then, { direction: "apply" });
    else this.leaveOut(then, "not needed", false);
    return outcome;
  }

  /** Upon a change of this run, what followed upon an earlier one has to be done once more. */
  #following(): Application {
    if (!this.#shared.earlier || !this.#hasChanged) return this;
    const earlier: Earlier = { ended: {}, interrupted: true };
    return new Application({ ...this.#shared, earlier }, this.#place);
  }

  /** The props are applied at once, each in a shell of its own. */
  async concurrently(props: readonly Prepared[], direction: Direction): Promise<Outcome> {
    await this.#shared.locked.catch((error: unknown) => {
      this.leaveOut(props, reasonOf(error, "no lock"));
      throw error;
    });
    const branches = props.map(async (prop) => {
      const connection = await this.#shared.connection.another();
      try {
        const branch = new Application({ ...this.#shared, connection }, this.#place);
        return await branch.#turn(prop, direction);
      } finally {
        await connection.close();
      }
    });
    const ended = await Promise.allSettled(branches);
    const failed = ended.find((branch) => branch.status === "rejected");
    if (failed) throw failed.reason;
    return ended.some((branch) => branch.status === "fulfilled" && branch.value === "changed")
      ? "changed"
      : "unchanged";
  }

  /** The combination's host is deployed over hops that start where this connection ends. */
  async subdeployment(
    node: PreparedCombination,
    hops: Chain,
    direction: Direction,
  ): Promise<Outcome> {
    const { host } = node;
    if (!host) throw new TypeError(`${node.combinator} was prepared without a host`);
    const {
      connection: outer,
      lookahead,
      reach,
      reporter,
      signal,
      silenceMs,
      earlier,
    } = this.#shared;
    const place = { ...this.#place, within: `${this.#place.within}${node.path}/` };
    let farEnd: FarEnd;
    try {
      await this.#shared.locked;
      farEnd = await reach(hops, { ...outer.context, hostname: host.name }, outer);
    } catch (error) {
      const reason = reasonOf(error, "no connection");
      leaveOut(reporter, [host.propspec], { ...place, reason, needed: true });
      throw error;
    }
    try {
      const { depth, silent, within } = place;
      const about = { reporter, signal, depth, silent, within, silenceMs };
      const errand = { host, direction, ...about };
      const outcome = await farEnd.carryOut(earlier ? { ...errand, earlier } : errand);
      if (outcome === "changed") this.#shared.changes.count++;
      return outcome;
    } finally {
      // What was done over there may be what a check over here is about.
      lookahead.changed();
      await farEnd.close();
    }
  }

  /** The same application, in which only failures are shown. */
  silenced(): Application {
    return new Application(this.#shared, { ...this.#place, silent: true });
  }

  /** The same application with another HOME and working directory. */
  async withHome(where: { user: string } | { directory: string }): Promise<Application> {
    const home = "user" in where ? await this.looking.homeOf(where.user) : where.directory;
    return new Application(this.#shared, { ...this.#place, surroundings: { home } });
  }

  /** The props are reported as not reached; `needed`: they would have been, had all gone well. */
  leaveOut(props: readonly Prepared[], reason: string, needed = true): void {
    leaveOut(this.#shared.reporter, props, { ...this.#place, reason, needed });
  }

  /** What was to be done at the end is done; one that fails does not keep the others from it. */
  async #end(outcome: Outcome): Promise<void> {
    const { atEnd, connection, reporter } = this.#shared;
    const path = `${this.#place.within}end`;
    const item: Item = { path, depth: 0, desc: "at the end", id: "atEnd", silent: false };
    const errors: ConsfigError[] = [];
    for (const action of atEnd.toReversed()) {
      try {
        await action(outcome);
      } catch (thrown) {
        errors.push(asFailure(thrown, item, connection.description));
      }
    }
    const [first, ...others] = errors;
    for (const { message } of others) reporter.inform(1, message);
    if (first) throw first;
  }

  /** One node's turn: it has a line in the report if it has a description. */
  async #turn(node: Prepared, direction: Direction): Promise<Outcome> {
    if (describe(node) === undefined) {
      const outcome = await this.#combination(node as PreparedCombination, direction);
      return this.#withParts(this.#place.within + node.path, outcome);
    }
    const item = itemOf(node, this.#place, direction);
    const begun = performance.now();
    this.#shared.reporter.started(item);
    const end = (ending: Ending) =>
      this.#shared.reporter.ended(item, ending, performance.now() - begun);
    const inside = new Application(this.#shared, { ...this.#place, depth: this.#place.depth + 1 });
    try {
      const outcome =
        "property" in node
          ? await inside.#propapp(node, direction)
          : await inside.#combination(node, direction);
      await this.#shared.locked;
      end({ outcome });
      return this.#altogether(item, outcome);
    } catch (thrown) {
      const error = asFailure(thrown, item, this.#shared.connection.description);
      const forgiven = this.#place.forgives.some((code) => error.codes.includes(code));
      if (forgiven) end({ outcome: "notReached", reason: error.message, needed: false });
      else if (isError(error, Cancelled) || isError(error, LockHeld))
        end({ outcome: "notReached", reason: reasonOf(error, ""), needed: true });
      else end({ outcome: "failed", error });
      throw error;
    }
  }

  /**
   * What an earlier run that did not come to its end has changed, or may have, counts as changed: what
   * was to follow upon that may not have happened.
   */
  #altogether({ path, unapplied }: Item, outcome: Outcome): Outcome {
    const { earlier } = this.#shared;
    if (!earlier || outcome === "changed") return outcome;
    const before = earlier.ended[unapplied ? `${path}-` : path];
    return before ?? (earlier.interrupted ? "changed" : this.#withParts(path, outcome));
  }

  /** What has no line of its own, or did not come to its end, has changed what its parts have. */
  #withParts(path: string, outcome: Outcome): Outcome {
    if (outcome === "changed" || !this.#shared.earlier) return outcome;
    const ended = Object.entries(this.#shared.earlier.ended);
    const isPart = (one: string) => one.startsWith(`${path}.`) || one.startsWith(`${path}/`);
    return ended.some(([one, how]) => how === "changed" && isPart(one)) ? "changed" : outcome;
  }

  #combination(node: PreparedCombination, direction: Direction): Promise<Outcome> {
    return combinatorOf(node.combinator)[direction](this, node, ...node.args);
  }

  async #propapp(node: PreparedApp, direction: Direction): Promise<Outcome> {
    const { expansion } = node;
    const property = propertyOf(node.property);
    if (direction === "unapply") this.#shared.undone.add(node.path);
    const check = this.#checkOf(node);
    if (check) {
      const holds = await this.#finding(node, check);
      if (holds === (direction === "apply")) {
        if (expansion) this.leaveOut([expansion], "not needed", false);
        return "unchanged";
      }
    }
    if (expansion) return this.#combination(expansion, direction);
    // One that nothing tells whether it holds is not done twice.
    if (!check && direction === "apply" && this.#isDone(node)) return "unchanged";
    const subroutine = property[direction];
    if (subroutine) return this.#changing(() => subroutine(this.host, ...node.args), direction);
    if (!property.apply) return "unchanged";
    throw new FailedChange(`${node.property} cannot be unapplied`, {
      hint: "say what undoing it means with withUnapply([…], […])",
    });
  }

  /** What the check says of the host, once it is locked. */
  async #finding({ path }: PreparedApp, check: () => Promise<Finding>): Promise<Finding> {
    const { lookahead, locked } = this.#shared;
    const { epoch } = lookahead;
    const finding = await lookahead.take(path, check);
    await locked;
    return lookahead.epoch === epoch ? finding : lookahead.take(path, check);
  }

  #isDone({ path }: PreparedApp): boolean {
    const { earlier, undone } = this.#shared;
    return earlier?.ended[this.#place.within + path] !== undefined && !undone.has(path);
  }

  /** A property need not ask the host's own methods to change it: it may write a file by itself. */
  async #changing(subroutine: () => unknown, direction: Direction): Promise<Outcome> {
    let outcome: Outcome = "changed";
    try {
      outcome = outcomeOf(await subroutine(), direction);
      return outcome;
    } finally {
      if (outcome === "changed") {
        this.#shared.changes.count++;
        this.#shared.lookahead.changed();
      }
    }
  }

  #checkOf(node: PreparedApp): (() => Promise<Finding>) | undefined {
    const { check } = propertyOf(node.property);
    return check && (() => check(this.looking, ...node.args));
  }

  /** The checks that the nodes will surely begin with, in order, as long as nothing changes. */
  *#checksOf(
    nodes: readonly Prepared[],
  ): Generator<{ path: string; check: () => Promise<Finding> }> {
    for (const node of nodes) {
      if ("property" in node) {
        const check = this.#checkOf(node);
        if (check) yield { path: node.path, check };
        else if (node.expansion) yield* this.#checksOf([node.expansion]);
      } else {
        const count = combinatorOf(node.combinator).looksAt?.(node.props.length) ?? 0;
        yield* this.#checksOf(node.props.slice(0, count));
      }
    }
  }

  /** A property applied by another, as a part of it: it has no line of its own. */
  async #partly(direction: Direction, propspec: Propspec): Promise<Outcome> {
    const { attrs, connection } = this.#shared;
    const said = attrs.copy();
    const prepared = preparePropspec(propspec, said);
    const late = attrs.lacking(said);
    if (late.length > 0) {
      throw new HostattrsTooLate(
        `${describe(prepared) ?? "a property"} says new things of the host (${late.join(", ")}) while it is being changed`,
        { hint: "call attrs.of(…) with it in the hostattrs of the property that applies it" },
      );
    }
    assertCarries(connection.kind, prepared, connection.description);
    const reporter = this.#shared.reporter.muted();
    const lookahead = new Lookahead(this.#shared.lookahead);
    // Its paths begin anew, and what it is a part of has not been done.
    const { earlier: _, ...shared } = this.#shared;
    const undone = new Set<string>();
    const part = new Application({ ...shared, reporter, lookahead, undone }, this.#place);
    return part.#turn(prepared, direction);
  }
}

/** Why what has not begun will not be reached. */
function reasonOf(error: unknown, otherwise: string): string {
  if (isError(error, Cancelled)) return "cancelled";
  return isError(error, LockHeld) ? "somebody else is deploying the host" : otherwise;
}

/** What a property's subroutine says it did. @throws BrokenProperty when it says nothing of the sort */
function outcomeOf(value: unknown, direction: Direction): Outcome {
  if (value === "changed" || value === "unchanged") return value;
  throw new BrokenProperty(`its ${direction} returned ${inspect(value, { depth: 0 })}`, {
    hint: `${direction} must return "changed" or "unchanged"`,
  });
}
