import {
  Cancelled,
  type ConsfigError,
  HostattrsTooLate,
  isError,
  LockHeld,
} from "../base/index.js";
import {
  type Applier,
  type Chain,
  combinatorOf,
  type Direction,
  type Outcome,
  type Prepared,
  type PreparedApp,
  type PreparedCombination,
  type Propspec,
  type SequenceOptions,
} from "../model/index.js";
import { assertCarries, continueDeploy, describe, preparePropspec } from "../prepare/index.js";
import { type Ending, type Item, type ItemPlace, itemOf, leaveOut } from "../report/index.js";
import { describeLeft, type LeftProcess } from "../shell/index.js";
import { applyProperty } from "./applyProperty.js";
import { type ApplyPlace, type ApplyState, reasonOf } from "./applyState.js";
import { checksOf } from "./checks.js";
import { outcomeOfBoth, outcomeWithParts } from "./earlierRun.js";
import { asFailure, assertNotCancelled } from "./failure.js";
import { HostReader } from "./hostReader.js";
import { HostWriter } from "./hostWriter.js";
import { Lookahead } from "./lookahead.js";
import { atOnce, sequence } from "./sequence.js";
import { subdeployment } from "./subdeployment.js";
import type { Earlier } from "./terms.js";

/** What an application is given; the rest of its state begins with it. */
type Given = Omit<ApplyState, "lookahead" | "atEnd" | "undone" | "changes" | "locked">;

/** A prepared propspec being applied over one connection. Combinators are given this. */
export class Application implements Applier {
  readonly #state: ApplyState;
  readonly #place: ApplyPlace;
  /** Whether what was applied last has changed something in this run. */
  #hasChanged = false;
  readonly looking: HostReader;
  readonly host: HostWriter;

  private constructor(state: ApplyState, place: ApplyPlace) {
    this.#state = state;
    this.#place = place;
    const { connection, attrs, lookahead, signal, terms, reporter, locked } = state;
    const about = {
      connection,
      attrs,
      signal,
      terms,
      commands: place.commands,
      onLeft: (processes: readonly LeftProcess[]) => {
        reporter.left(processes);
        reporter.inform(1, describeLeft(processes));
      },
    };
    this.looking = new HostReader(about);
    this.host = new HostWriter(about, {
      mayChange: () => locked,
      changes: () => lookahead.changed(),
      apply: (propspec) => this.#partly("apply", propspec),
      unapply: (propspec) => this.#partly("unapply", propspec),
      atEnd: (action) => state.atEnd.push(action),
      inform: (text) => reporter.inform(1, text),
      deployment: () => continueDeploy(state.host),
    });
  }

  /**
   * Applies the propspec over the connection, and then does what is to be done at the end. `lock` settles
   * when the host is locked: with true if somebody else held the lock before and was waited for.
   *
   * @throws KindMismatch before anything is applied, when the connection cannot carry the propspec.
   */
  static async run(
    propspec: Prepared,
    direction: Direction,
    about: Given & Partial<ItemPlace>,
    lock: Promise<boolean> = Promise.resolve(false),
  ): Promise<Outcome> {
    const { depth = 0, silent = false, within = "", ...given } = about;
    const lookahead = new Lookahead();
    const locked = lock.then((hasWaited) => {
      // Whoever held it may have changed what was looked at meanwhile.
      if (hasWaited) lookahead.changed();
    });
    locked.catch(() => {}); // a failure is told to whoever waits for the lock
    const state: ApplyState = {
      ...given,
      lookahead,
      locked,
      atEnd: [],
      undone: new Set(),
      changes: { count: 0 },
    };
    const place = { depth, silent, within, commands: {}, forgives: [] };
    const application = new Application(state, place);
    const { connection } = state;
    try {
      assertCarries(connection.kind, propspec, connection.description);
      // A property that runs on the host can change it by itself (e.g. by node:fs), and would not wait.
      if (connection.kind === "node") await locked;
    } catch (error) {
      application.leaveOut([propspec], reasonOf(error, "the connection cannot carry it"));
      throw error;
    }
    const outcome = await application.#turn(propspec, direction);
    await locked; // a combination without a line in the report has not waited for the lock
    await application.#end(outcome);
    return outcome;
  }

  apply(prop: Prepared | undefined): Promise<Outcome> {
    return this.#one(prop, "apply");
  }

  unapply(prop: Prepared | undefined): Promise<Outcome> {
    return this.#one(prop, "unapply");
  }

  async #one(prop: Prepared | undefined, direction: Direction): Promise<Outcome> {
    const { changes } = this.#state;
    const { count } = changes;
    const outcome = prop ? await this.#turn(prop, direction) : "unchanged";
    this.#hasChanged = changes.count > count;
    return outcome;
  }

  sequence(props: readonly Prepared[], options: SequenceOptions): Promise<Outcome> {
    const { direction, skip, until } = options;
    const { connection, signal, lookahead } = this.#state;
    const around = this.#place.forgives;
    const forgives = skip ? [] : until ? [...around, until] : around;
    const inside = new Application(this.#state, { ...this.#place, forgives });
    return sequence(direction === "apply" ? props : props.toReversed(), options, {
      step: async (prop, left) => {
        assertNotCancelled(signal);
        lookahead.begin(checksOf(left, this.looking));
        return inside.#turn(prop, direction);
      },
      leaveOut: (...rest) => this.leaveOut(...rest),
      isConnected: () => connection.alive,
    });
  }

  async followedBy(outcome: Outcome, then: readonly Prepared[]): Promise<Outcome> {
    if (outcome === "changed") await this.#following().sequence(then, { direction: "apply" });
    else this.leaveOut(then, "not needed", false);
    return outcome;
  }

  /**
   * What follows upon a change of this run has to be done, even if an earlier run has done it upon a change
   * of its own. So nothing of it counts as done, in the application that applies it.
   */
  #following(): Application {
    const { terms } = this.#state;
    if (!terms.earlier || !this.#hasChanged) return this;
    const earlier: Earlier = { ended: {}, interrupted: true };
    return new Application({ ...this.#state, terms: { ...terms, earlier } }, this.#place);
  }

  async concurrently(props: readonly Prepared[], direction: Direction): Promise<Outcome> {
    await this.#state.locked.catch((error: unknown) => {
      this.leaveOut(props, reasonOf(error, "no lock"));
      throw error;
    });
    const branches = props.map(async (prop) => {
      const connection = await this.#state.connection.another();
      try {
        const branch = new Application({ ...this.#state, connection }, this.#place);
        return await branch.#turn(prop, direction);
      } finally {
        await connection.close();
      }
    });
    return atOnce(branches);
  }

  subdeployment(node: PreparedCombination, hops: Chain, direction: Direction): Promise<Outcome> {
    return subdeployment(node, hops, direction, this.#state, this.#place);
  }

  silenced(): Application {
    return new Application(this.#state, { ...this.#place, silent: true });
  }

  async withHome(where: { user: string } | { directory: string }): Promise<Application> {
    const home = "user" in where ? await this.looking.homeOf(where.user) : where.directory;
    return new Application(this.#state, { ...this.#place, commands: { home } });
  }

  leaveOut(props: readonly Prepared[], reason: string, needed = true): void {
    leaveOut(this.#state.reporter, props, { ...this.#place, reason, needed });
  }

  /** Calls all that was registered by `atEnd`, even if one of these fails. */
  async #end(outcome: Outcome): Promise<void> {
    const { atEnd, connection, reporter } = this.#state;
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

  /** Applies or unapplies one node. It has a line in the report if it has a description. */
  async #turn(node: Prepared, direction: Direction): Promise<Outcome> {
    const { reporter, terms, locked, connection } = this.#state;
    const { earlier } = terms;
    if (describe(node) === undefined) {
      const outcome = await this.#combination(node as PreparedCombination, direction);
      return outcomeWithParts(earlier, this.#place.within + node.path, outcome);
    }
    const item = itemOf(node, this.#place, direction);
    const begun = performance.now();
    reporter.started(item);
    const end = (ending: Ending) => reporter.ended(item, ending, performance.now() - begun);
    const inside = new Application(this.#state, { ...this.#place, depth: this.#place.depth + 1 });
    try {
      const outcome =
        "property" in node
          ? await inside.#propapp(node, direction)
          : await inside.#combination(node, direction);
      await locked;
      end({ outcome });
      return outcomeOfBoth(earlier, item, outcome);
    } catch (thrown) {
      const error = asFailure(thrown, item, connection.description);
      const forgiven = this.#place.forgives.some((code) => error.codes.includes(code));
      if (forgiven) end({ outcome: "notReached", reason: error.message, needed: false });
      else if (isError(error, Cancelled) || isError(error, LockHeld))
        end({ outcome: "notReached", reason: reasonOf(error, ""), needed: true });
      else end({ outcome: "failed", error });
      throw error;
    }
  }

  #combination(node: PreparedCombination, direction: Direction): Promise<Outcome> {
    return combinatorOf(node.combinator)[direction](this, node, ...node.args);
  }

  #propapp(node: PreparedApp, direction: Direction): Promise<Outcome> {
    const { looking, host } = this;
    return applyProperty(node, direction, {
      state: this.#state,
      within: this.#place.within,
      looking,
      host,
      expand: (expansion) => this.#combination(expansion, direction),
      leaveOut: (expansion) => this.leaveOut([expansion], "not needed", false),
    });
  }

  /**
   * Applies a propspec for a property that calls `host.apply`, as a part of it: it has no line of
   * its own.
   */
  async #partly(direction: Direction, propspec: Propspec): Promise<Outcome> {
    const { attrs, connection } = this.#state;
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
    const reporter = this.#state.reporter.muted();
    const lookahead = new Lookahead(this.#state.lookahead);
    // Its paths begin anew, so the earlier run cannot be looked up by them; and the property that it is
    // a part of was not done in that run.
    const { earlier: _, ...terms } = this.#state.terms;
    const part = new Application(
      { ...this.#state, reporter, lookahead, terms, undone: new Set<string>() },
      this.#place,
    );
    return part.#turn(prepared, direction);
  }
}
