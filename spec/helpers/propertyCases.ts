/**
 * Cases of properties as data: what is there, what is applied, how it ends, what is there then.
 *
 * Each case is run in every place there is, but in only one of those that are alike. Whatever the case
 * says, these hold too: a second run changes nothing, and a property that says `unchanged` has touched
 * no file.
 */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import {
  type ConsfigError,
  type DeploymentReport,
  deployThese,
  type ErrorClass,
  host,
  type Propspec,
  UsageError,
  unapplied,
} from "../../engine/index.js";
import { type Place, type Places, places, scratch } from "./places.js";
import { sampled } from "./seed.js";
import { expected, found, plant, type Tree, type TreeOptions, touched } from "./tree.js";

/** How something ends: also with an error of that class, whose text (output, hint) says that. */
export type Ends = "changed" | "unchanged" | { readonly fails: ErrorClass; readonly says?: RegExp };

/** Paths are relative to a fresh directory, `root`, or for `system` cases to the host's own root. */
export interface PropertyCase {
  readonly name: string;
  /** It is about the whole host, so it needs one that is thrown away; only paths it names count. */
  readonly system?: boolean;
  /** It is for an account that may do only what everybody may; uid 0 by default. */
  readonly byAdmin?: boolean;
  readonly given?: Tree | ((root: string) => Tree);
  /** Further preparation, after `given` is there. */
  readonly prepare?: (place: Place, root: string) => Promise<unknown>;
  /** What is said of the host: properties that have hostattrs. */
  readonly said?: readonly Propspec[];
  readonly props: (root: string) => Propspec<"posix">;
  readonly outcome: Ends;
  /** Exactly what is there afterwards. Left out: what was given. */
  readonly becomes?: Tree | ((root: string) => Tree);
  /** Further things to assert, after `becomes`. */
  readonly verify?: (place: Place, root: string) => Promise<void>;
  /** How a second run ends. `changed` is for properties that cannot know. */
  readonly again?: "unchanged" | "changed";
  /** What is there after unapplying, which must change something; or how else it ends. */
  readonly unapplied?: "restored" | Tree | Exclude<Ends, "changed">;
  /** Further things to assert, after unapplying. */
  readonly verifyUnapplied?: (place: Place, root: string) => Promise<void>;
}

/** How many cases at once share a place. */
const sharing = 6;
/** How many cases at once that are about the whole host, each on one of its own. */
const hosts = 3;

/** Registers a test for every case in every sort of place. */
export function runCases(
  title: string,
  cases: readonly PropertyCase[],
  where: readonly Places[] = places(),
): void {
  for (const sort of where) {
    const name = `${title}: ${sort.name}`;
    const able = cases
      .filter(({ byAdmin = false }) => byAdmin === (sort.uid !== 0))
      .filter((one) => isDrawn(sort, where, `${title}: ${one.name}`));
    const [small, large] = [able.filter((one) => !one.system), able.filter((one) => one.system)];
    runIn(sort, name, small, { open: 1, concurrency: sharing });
    if (!sort.disposable) continue;
    const open = Math.min(hosts, large.length);
    runIn(sort, `${name}, the whole host`, large, { open, concurrency: open });
  }
}

/** Of places that are alike, one is drawn for each case. */
function isDrawn({ name, alike }: Places, where: readonly Places[], caseName: string): boolean {
  if (alike === undefined) return true;
  const all = where.filter((other) => other.alike === alike);
  return sampled(all, caseName).some((one) => one.name === name);
}

function runIn(
  sort: Places,
  title: string,
  cases: readonly PropertyCase[],
  { open, concurrency }: { open: number; concurrency: number },
): void {
  if (cases.length === 0) return;
  suite(title, { skip: sort.unavailable ?? false, concurrency }, () => {
    let free: Place[] = [];
    before(async () => {
      const opened = await sort.open(open);
      free = Array.from({ length: concurrency }, (_, seat) => opened[seat % open] as Place);
    });
    after(() => sort.close());
    for (const one of cases) {
      test(one.name, async () => {
        const place = free.pop();
        assert.ok(place, "there are as many places as cases at once");
        await runCase(one, place).finally(() => free.push(place));
      });
    }
  });
}

/** The case in the place. @throws AssertionError when something is not as it says */
export async function runCase(one: PropertyCase, place: Place): Promise<void> {
  const { root, remove } = one.system ? { root: "/", remove: () => place.reset() } : scratch(place);
  try {
    await new Run(one, place, root).run();
  } finally {
    await remove();
  }
}

class Run {
  readonly #case: PropertyCase;
  readonly #place: Place;
  readonly #root: string;
  readonly #at: TreeOptions;
  readonly #given: Tree;
  readonly #becomes: Tree;

  constructor(one: PropertyCase, place: Place, root: string) {
    const { given = {}, becomes = given } = one;
    this.#case = one;
    this.#place = place;
    this.#root = root;
    this.#at = {
      directory: `${place.view()}${root}`,
      view: place.view(),
      uid: place.uid,
      gid: place.gid,
    };
    this.#given = typeof given === "function" ? given(root) : given;
    this.#becomes = typeof becomes === "function" ? becomes(root) : becomes;
  }

  async run(): Promise<void> {
    const { prepare, props, outcome, verify, verifyUnapplied, again = "unchanged" } = this.#case;
    plant(this.#given, this.#at);
    await prepare?.(this.#place, this.#root);
    await this.#does(outcome, this.#becomes, () => props(this.#root));
    await verify?.(this.#place, this.#root);
    if (typeof outcome === "object") return;
    await this.#does(again, this.#becomes, () => props(this.#root), "the second time");
    const { unapplied: undone } = this.#case;
    if (undone === undefined) return;
    // The compiler cannot see in a table which of the properties have an unapply; the engine does.
    const undo = () => unapplied(props(this.#root) as Propspec<"posix", true>);
    if (undone === "unchanged" || isEnd(undone)) {
      await this.#does(undone, this.#becomes, undo, "unapplied");
    } else {
      const tree = undone === "restored" ? this.#given : undone;
      await this.#does("changed", tree, undo, "unapplied");
      await this.#does("unchanged", tree, undo, "unapplied twice");
    }
    await verifyUnapplied?.(this.#place, this.#root);
  }

  async #does(ends: Ends, tree: Tree, props: () => Propspec, when = "applied"): Promise<void> {
    const before = this.#touched();
    const end = await this.#deploy(props);
    if (typeof ends === "object") {
      assert.ok(typeof end === "object", `${when}: it did not fail: ${end}`);
      assert.ok(end.codes.includes(ends.fails.code), `${when}: ${end.code}: ${end.message}`);
      if (ends.says) assert.match(textOf(end), ends.says, when);
    } else {
      assert.equal(typeof end === "object" ? `${end.code}: ${end.message}` : end, ends, when);
    }
    assert.deepEqual(found(this.#at, this.#names), expected(tree, this.#at, this.#names), when);
    if (ends === "unchanged") assert.deepEqual(this.#touched(), before, `${when}: touched`);
  }

  async #deploy(props: () => Propspec): Promise<"changed" | "unchanged" | ConsfigError> {
    let report: DeploymentReport;
    try {
      const subject = host("cases.example", ...(this.#case.said ?? []));
      report = await deployThese(this.#place.chain, subject, [props() as Propspec<"posix">]);
    } catch (error) {
      if (error instanceof UsageError) return error;
      throw error;
    }
    const error = report.failures[0]?.error ?? report.error;
    return error ?? (report.changed ? "changed" : "unchanged");
  }

  /** The paths that count. Undefined: all that are there. */
  get #names(): readonly string[] | undefined {
    if (!this.#case.system) return undefined;
    const { unapplied: undone } = this.#case;
    const after = typeof undone === "object" && !isEnd(undone) ? undone : {};
    const trees = [this.#given, this.#becomes, after];
    return [...new Set(trees.flatMap((tree) => Object.keys(tree)))];
  }

  #touched(): Record<string, string> {
    return touched(this.#at, this.#names);
  }
}

function textOf({ message, hint = "", facts }: ConsfigError): string {
  return `${message} ${facts.output ?? ""} ${hint}`;
}

function isEnd(undone: object | string): undone is Extract<Ends, object> {
  return typeof undone === "object" && "fails" in undone;
}
