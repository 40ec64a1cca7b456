import { ConsfigError } from "../base/index.js";
import type { FindData } from "../model/index.js";
import { errorFromWire, errorToWire } from "./errorCodec.js";
import { HiddenTexts } from "./hiddenTexts.js";
import { withoutSpans } from "./withoutSpans.js";

/**
 * A longer content is not hidden: it is no password, and no text that is told has so many lines of
 * it.
 */
const longestBytes = 256 * 1024;

/** Contents that are hidden together. */
interface Group {
  readonly contents: readonly string[];
  readonly hidden: HiddenTexts;
}

/** The secrets of the deployments that this process has under way. */
const underWay = new Set<KnownSecrets>();

/** What was thrown and nobody has caught, as it may be told: it belongs to no deployment in particular. */
export function hideAllIn<T>(thrown: T): T {
  let shown = thrown;
  for (const secrets of underWay) shown = secrets.hideIn(shown);
  return shown;
}

/**
 * What one deployment has been given and is not to tell. Commands print what they have read, errors
 * quote what was not understood, and code is free to do both: so all that is told passes through here.
 */
export class KnownSecrets {
  readonly #contents = new Set<string>();
  /** Contents that nothing was told of since they became known. */
  #fresh: string[] = [];
  /** All others, each group larger than the next: a new content does not mean that all is made anew. */
  readonly #groups: Group[] = [];
  readonly #shown = new WeakMap<Error, Error>();

  /** The deployment begins: see {@link hideAllIn}. */
  begin(): void {
    underWay.add(this);
  }

  /** The deployment is over. */
  end(): void {
    underWay.delete(this);
  }

  /** The content is hidden from now on, as a whole and line by line. */
  add(content: string | Uint8Array): void {
    if (content.length > longestBytes) return;
    const text = typeof content === "string" ? content : Buffer.from(content).toString("utf8");
    if (this.#contents.has(text)) return;
    this.#contents.add(text);
    this.#fresh.push(text);
  }

  /** Whatever this finds is hidden from then on. */
  from(find: FindData): FindData {
    return async (iden1, iden2) => {
      const item = await find(iden1, iden2);
      this.add(item.content);
      return item;
    };
  }

  /** The text as it may be told. */
  hide(text: string): string {
    if (this.#fresh.length > 0) this.#group();
    return withoutSpans(
      text,
      this.#groups.flatMap(({ hidden }) => [...hidden.spansIn(text)]),
    );
  }

  /** What was thrown as it may be told: itself, or always the same other one in its place. */
  hideIn<T>(thrown: T): T {
    if (typeof thrown === "string") return this.hide(thrown) as T;
    if (!(thrown instanceof Error)) return thrown;
    const known = this.#shown.get(thrown);
    if (!known && textsIn(thrown).every((text) => this.hide(text) === text)) return thrown;
    const shown = known ?? this.#copy(thrown);
    this.#shown.set(thrown, shown);
    return shown as T;
  }

  #group(): void {
    let contents = this.#fresh;
    this.#fresh = [];
    for (let last = this.#groups.at(-1); last; last = this.#groups.at(-1)) {
      if (last.contents.length > contents.length) break;
      contents = [...last.contents, ...contents];
      this.#groups.pop();
    }
    this.#groups.push({ contents, hidden: hiddenFor(contents) });
  }

  #copy(error: Error): Error {
    const hide = (text: string) => this.hide(text);
    if (error instanceof ConsfigError) return errorFromWire(errorToWire(error, hide));
    const { name, message, stack = "" } = error;
    return Object.assign(new Error(hide(message)), { name, stack: hide(stack) });
  }
}

/**
 * What {@link hiddenFor} made last: many hosts of a fleet are given the same contents, in the same
 * order.
 */
const made = new Map<string, HiddenTexts>();
const mostMade = 32;

function hiddenFor(contents: readonly string[]): HiddenTexts {
  const key = JSON.stringify(contents);
  const known = made.get(key);
  if (known) return known;
  const hidden = new HiddenTexts(contents);
  for (const [oldest] of made) if (made.size >= mostMade) made.delete(oldest);
  made.set(key, hidden);
  return hidden;
}

/** All text in a value, however deep. */
function textsIn(value: unknown, seen = new Set<unknown>()): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  if (ArrayBuffer.isView(value)) return [];
  const ofError = value instanceof Error ? [value.message, value.stack, value.cause] : [];
  return [...ofError, ...Object.values(value)].flatMap((one) => textsIn(one, seen));
}
