import { ConsfigError, placeholder, printable } from "../base/index.js";
import type { FindData } from "../model/index.js";
import { errorFromWire, errorToWire } from "./errorCodec.js";

/** A shorter secret is not hidden: it may stand in texts that have nothing to do with it. */
const shortest = 8;
/**
 * A longer content is not hidden: it is no password, and no text that is told has so many lines of
 * it.
 */
const longestBytes = 256 * 1024;

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
  /** The longest first: others may be a part of it. */
  #hidden: readonly string[] = [];
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
    this.#hidden = hiddenFor(this.#contents);
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
    let shown = text;
    for (const one of this.#hidden) {
      if (shown.includes(one)) shown = shown.replaceAll(one, placeholder);
    }
    return shown;
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
const made = new Map<string, readonly string[]>();
const mostMade = 8;

/** All that may not be told of the contents, the longest first. */
function hiddenFor(contents: ReadonlySet<string>): readonly string[] {
  const key = JSON.stringify([...contents]);
  const known = made.get(key);
  if (known) return known;
  const parts = [...contents].flatMap((text) => [text, ...text.split("\n")]);
  const long = [...new Set(parts.map((part) => part.trim()))].filter(
    (part) => part.length >= shortest,
  );
  const hidden = [...new Set(long.flatMap(waysToWrite))];
  hidden.sort((one, other) => other.length - one.length);
  for (const [oldest] of made) if (made.size >= mostMade) made.delete(oldest);
  made.set(key, hidden);
  return hidden;
}

/** The text as it is, and as it stands in shell text, JSON, URLs and base64; all that as we print it. */
function waysToWrite(text: string): readonly string[] {
  // The last character of the base64 is left out: it depends on what follows the text.
  const base64 = Buffer.from(text).toString("base64");
  const ways = [
    text,
    text.replaceAll("'", `'\\''`),
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    base64.slice(0, Math.floor((Buffer.byteLength(text) * 8) / 6)),
  ];
  return [...ways, ...ways.map(printable)];
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
