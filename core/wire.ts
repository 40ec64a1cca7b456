/**
 * What can cross from one process to another, and be an argument of a property, combinator, hop or
 * form: plain data.
 *
 * Functions, class instances, `undefined`, symbols, bigints, NaN, infinities, -0, halves of characters and
 * cycles are not: the code is on both sides already, only ids and data travel.
 */
export type Wire =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Wire[]
  | { readonly [key: string]: Wire | undefined };

/** No value that somebody passes on may be deeper, wider or larger than this. */
export const wireLimits = {
  depth: 64,
  /** In one record. */
  keys: 10_000,
  /** In all, keys included: bounds the time that decoding takes. */
  values: 1_000_000,
} as const;

/** What a value must satisfy besides being plain data. */
export interface WireRules {
  /** How deep lists and records may be nested. */
  readonly depth: number;
  /** Whether records may have members that are `undefined`, which whoever sends them leaves out. */
  readonly omitsUndefined: boolean;
}

/** The part of a value that cannot be sent, and what it is. */
export interface WireProblem {
  readonly place: string;
  readonly what: string;
}

/** The first part of the value that is no {@link Wire}, if there is one; `place` names the whole. */
export function wireProblem(
  value: unknown,
  place: string,
  rules: WireRules,
): WireProblem | undefined {
  const found = new Search(rules).problemIn(value);
  return found && { place: `${place}${found.place}`, what: found.what };
}

/** A walk through a value. Places are put together on the way back, since most values have no problem. */
class Search {
  readonly #rules: WireRules;
  readonly #above: object[] = [];
  #counted = 0;

  constructor(rules: WireRules) {
    this.#rules = rules;
  }

  problemIn(value: unknown): WireProblem | undefined {
    if (++this.#counted > wireLimits.values) return here(`more than ${wireLimits.values} values`);
    if (value === null || typeof value === "boolean") return undefined;
    if (typeof value === "number") {
      if (!Number.isFinite(value)) return here(`the number ${value}`);
      // It would arrive as 0.
      return Object.is(value, -0) ? here("the number -0") : undefined;
    }
    if (typeof value === "string") {
      return isWhole(value) ? undefined : here("a text with half a character");
    }
    if (typeof value !== "object")
      return here(value === undefined ? "undefined" : `a ${typeof value}`);
    if (this.#above.length >= this.#rules.depth) {
      const isCycle = this.#above.includes(value);
      return here(
        isCycle ? "a value that contains itself" : `nested deeper than ${this.#rules.depth}`,
      );
    }
    if (value instanceof Uint8Array) return undefined;
    this.#above.push(value);
    const found = Array.isArray(value) ? this.#inList(value) : this.#inRecord(value);
    this.#above.pop();
    return found;
  }

  #inList(list: readonly unknown[]): WireProblem | undefined {
    for (let i = 0; i < list.length; i++) {
      const found = this.problemIn(list[i]);
      if (found) return { place: `[${i}]${found.place}`, what: found.what };
    }
    return undefined;
  }

  #inRecord(record: object): WireProblem | undefined {
    const prototype: unknown = Object.getPrototypeOf(record);
    if (prototype !== Object.prototype && prototype !== null) {
      const { name } = (record.constructor ?? {}) as { name?: string };
      return here(`an instance of ${name || "a class"}`);
    }
    const members = Object.entries(record);
    if (members.length > wireLimits.keys) return here(`a record of ${members.length} members`);
    this.#counted += members.length;
    for (const [key, member] of members) {
      if (key === "__proto__") return here("a record with a member called __proto__");
      if (!isWhole(key)) return here("a record with half a character in a member's name");
      if (member === undefined && this.#rules.omitsUndefined) continue;
      const found = this.problemIn(member);
      if (found) return { place: `.${key}${found.place}`, what: found.what };
    }
    return undefined;
  }
}

function here(what: string): WireProblem {
  return { place: "", what };
}

/** As UTF-8 a lone surrogate would silently become another character. */
function isWhole(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
