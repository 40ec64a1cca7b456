import type { Value } from "./value.js";

/** What variables in INI files are: the value of a Python literal, or else the text as it stands. */
export function literalOrText(text: string): Value {
  try {
    return new Literal(text).whole();
  } catch (error) {
    if (error instanceof NoLiteral) return text;
    throw error;
  }
}

class NoLiteral extends Error {}

const words = new Map<string, Value>([
  ["True", true],
  ["False", false],
  ["None", null],
]);

const escapes = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["v", "\v"],
]);

/** Reads a literal as Python's `ast.literal_eval` does. Tuples and sets become lists. */
class Literal {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Value {
    const { values, commas } = this.#list(/$/y);
    if (values.length === 0) throw new NoLiteral();
    return commas === 0 ? (values[0] ?? null) : values;
  }

  /** Values up to what ends them, which is read too. Blanks and comments mean nothing. */
  #list(end: RegExp): { values: Value[]; commas: number } {
    const values: Value[] = [];
    let commas = 0;
    while (this.#next(end) === undefined) {
      if (values.length > commas) throw new NoLiteral();
      values.push(this.#value());
      if (this.#next(/,/y) !== undefined) commas++;
    }
    return { values, commas };
  }

  #value(): Value {
    if (this.#next(/\[/y) !== undefined) return this.#list(/\]/y).values;
    if (this.#next(/\(/y) !== undefined) {
      const { values, commas } = this.#list(/\)/y);
      return values.length === 1 && commas === 0 ? (values[0] ?? null) : values;
    }
    if (this.#next(/\{/y) !== undefined) return this.#mapping();
    const word = words.get(this.#next(/(?:True|False|None)(?!\w)/y) ?? "");
    if (word !== undefined) return word;
    return this.#string() ?? this.#number();
  }

  /** A dictionary; or a set, which has no colons. */
  #mapping(): Value {
    const entries: [string, Value][] = [];
    const start = this.#at;
    while (this.#next(/\}/y) === undefined) {
      const key = this.#value();
      if (this.#next(/:/y) === undefined) {
        if (entries.length > 0) throw new NoLiteral();
        this.#at = start;
        return this.#list(/\}/y).values;
      }
      entries.push([typeof key === "string" ? key : JSON.stringify(key), this.#value()]);
      if (this.#next(/,|(?=\})/y) === undefined) throw new NoLiteral();
    }
    return Object.fromEntries(entries);
  }

  /** Strings that follow each other are one. */
  #string(): string | undefined {
    let whole: string | undefined;
    for (;;) {
      const part = this.#next(/[rRuU]?(?:('''|"""|'(?!'')|"(?!""))(?:[^\\]|\\.)*?\1)/sy);
      if (part === undefined) return whole;
      const text = part.replace(/^[rRuU]/, "");
      const width = /^(?:'''|""")/.test(text) ? 3 : 1;
      const quoted = text.slice(width, -width);
      whole = (whole ?? "") + (/^[rR]/.test(part) ? quoted : unescaped(quoted));
    }
  }

  #number(): number {
    const text = this.#next(
      /[+-]?\s*(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?)(?![\w.])/y,
    );
    const plain =
      text?.replace(/[\s_+]/g, (part, at) => (part === "+" && at > 0 ? part : "")) ?? "";
    // Python takes 007 for a mistake; of a number that is too large only the text is exact.
    if (text === undefined || /^-?0\d*[1-9]\d*$/.test(plain)) throw new NoLiteral();
    const number = plain.startsWith("-") ? -Number(plain.slice(1)) : Number(plain);
    const isWhole = !/[.eE]/.test(plain) || /^-?0[xX]/.test(plain);
    if (!Number.isFinite(number) || (isWhole && !Number.isSafeInteger(number))) {
      throw new NoLiteral();
    }
    return number;
  }

  /** What the pattern matches here. */
  #next(pattern: RegExp): string | undefined {
    const blank = /[ \t\f\r\n]*(?:#.*$)?/y;
    blank.lastIndex = this.#at;
    pattern.lastIndex = this.#at + (blank.exec(this.#text)?.[0].length ?? 0);
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }
}

function unescaped(text: string): string {
  const code = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gs;
  return text.replace(code, (whole, x, u, U, octal, other) => {
    const hexadecimal = x ?? u ?? U;
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    if (/[\\'"]/.test(other)) return other;
    if (/[xuUN]/.test(other)) throw new NoLiteral();
    return escapes.get(other) ?? whole;
  });
}
