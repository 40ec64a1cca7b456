import { type ConsfigError, HostattrsTooLate } from "../base/index.js";
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
import {
  type Ending,
  type Item,
  type ItemPlace,
  itemOf,
  leaveOut,
  type Reporter,
} from "../report/index.js";
import { describeLeft, type LeftProcess } from "../shell/index.js";
import { applyProperty } from "./applyProperty.js";
import { type ApplyPlace, type ApplyState, newAccount, reasonOf } from "./applyState.js";
import { checksOf } from "./checks.js";
import { outcomeOfBoth, outcomeWithParts } from "./earlierRun.js";
import { asFailure, assertNotCancelled, endingBy, together } from "./failure.js";
import { HostReader } from "./hostReader.js";
import { HostWriter } from "./hostWriter.js";
import { Lookahead } from "./lookahead.js";
import { atOnce, sequence } from "./sequence.js";
import { subdeployment } from "./subdeployment.js";
import type { Earlier } from "./terms.js";

/** What an application is given; the rest of its state begins with it. */
type Given = Omit<ApplyState, "lookahead" | "atEnd" | "undone" | "changes" | "locked" | "hold">;

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
    const hold = { isHeld: false };
    const locked = lock.then((hasWaited) => {
      hold.isHeld = true;
      // Whoever held it may have changed what was looked at meanwhile.
      if (hasWaited) lookahead.changed();
    });
    locked.catch(() => {}); // a failure is told to whoever waits for the lock
    const state: ApplyState = {
      ...given,
      lookahead,
      locked,
      hold,
      atEnd: [],
      undone: new Set(),
      changes: { count: 0 },
    };
    const account = newAccount();
    const place = { depth, silent, within, account, commands: {}, forgives: [] };
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
    const branches = props.map((prop) =>
      this.#within(prop, direction, async (inside) => {
        const connection = await inside.#state.connection.another();
        try {
          const branch = new Application({ ...inside.#state, connection }, inside.#place);
          return await branch.#node(prop, direction);
        } finally {
          await connection.close();
        }
      }),
    );
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
    const { atEnd, connection } = this.#state;
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
    const error = together(errors);
    if (error) throw error;
  }

  /** Applies or unapplies one node. It has a line in the report if it has a description. */
  #turn(node: Prepared, direction: Direction): Promise<Outcome> {
    return this.#within(node, direction, (inside) => inside.#node(node, direction));
  }

  /**
   * The node is applied, or unapplied, by the work. Whatever is thrown by that is caught here, and has one
   * line: that of the innermost node with a description, or else that of the combinator that threw it.
   */
  async #within(
    node: Prepared,
    direction: Direction,
    work: (inside: Application) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { reporter, locked, connection, terms } = this.#state;
    const { account: around, depth, forgives, within } = this.#place;
    const isShown = describe(node) !== undefined;
    const item = itemOf(node, this.#place, direction);
    const account = newAccount();
    const place = { ...this.#place, depth: isShown ? depth + 1 : depth, account };
    const inside = new Application(this.#state, place);
    const earlier = reporter.endedCount;
    const begun = performance.now();
    const end = (ending: Ending) => reporter.ended(item, ending, performance.now() - begun);
    if (isShown) reporter.started(item);
    try {
      const outcome = await work(inside);
      if (isShown) await locked;
      inside.#leaveOutRest(node, earlier, "not needed", false);
      const [failed] = account.failures;
      if (isShown) end(failed ? { outcome: "failed", error: failed } : { outcome });
      around.failures.push(...account.failures);
      return isShown
        ? outcomeOfBoth(terms.earlier, item, outcome)
        : outcomeWithParts(terms.earlier, within + node.path, outcome);
    } catch (thrown) {
      const error = asFailure(thrown, item, connection.description);
      // What is told as failed inside of it cannot be forgiven any more.
      const isForgiven =
        account.failures.length === 0 && forgives.some((code) => error.codes.includes(code));
      const reason = reasonOf(error, "an earlier step failed");
      inside.#leaveOutRest(node, earlier, isForgiven ? error.message : reason, !isForgiven);
      const ending: Ending = isForgiven
        ? { outcome: "notReached", reason: error.message, needed: false }
        : endingBy(error, account);
      if (isShown) end(ending);
      else if (ending.outcome === "failed" && !reporter.hasTold(error)) {
        reporter.started(item);
        end(ending);
      }
      if (ending.outcome === "failed") around.failures.push(error);
      throw error;
    } finally {
      around.mayHaveChanged ||= account.mayHaveChanged;
    }
  }

  /** What of the node's parts has not ended since so many items had is left out. */
  #leaveOutRest(node: Prepared, since: number, reason: string, needed: boolean): void {
    if ("property" in node) return;
    const { reporter } = this.#state;
    const ended = new Set(reporter.endedSince(since).map(({ item }) => item.path));
    const rest: Pick<Reporter, "ended"> = {
      ended: (item, ...how) => {
        if (!ended.has(item.path)) reporter.ended(item, ...how);
      },
    };
    leaveOut(rest, [node], { ...this.#place, reason, needed });
  }

  #node(node: Prepared, direction: Direction): Promise<Outcome> {
    return "property" in node ? this.#propapp(node, direction) : this.#combination(node, direction);
  }

  #combination(node: PreparedCombination, direction: Direction): Promise<Outcome> {
    return combinatorOf(node.combinator)[direction](this, node, ...node.args);
  }

  #propapp(node: PreparedApp, direction: Direction): Promise<Outcome> {
    const { looking, host } = this;
    return applyProperty(node, direction, {
      state: this.#state,
      place: this.#place,
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
    // A failure that is thrown is the property's to handle; one that was left behind is a failure of it.
    const account = newAccount();
    const part = new Application(
      { ...this.#state, reporter, lookahead, terms, undone: new Set<string>() },
      { ...this.#place, account },
    );
    const outcome = await part.#turn(prepared, direction);
    this.#place.account.failures.push(...account.failures);
    return outcome;
  }
}
