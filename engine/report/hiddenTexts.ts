import { cutMark } from "../../core/index.js";
import { TextPieces } from "./textPieces.js";
import { type Span, TextSet } from "./textSet.js";
import { encoded, encodedAlone, quoted } from "./waysToWrite.js";

/** A shorter text may stand in others that have nothing to do with it: it is hidden as a word alone. */
const shortest = 8;
/** An even shorter one is too likely to be a word of its own, such as `yes` or `on`. */
const shortestWord = 4;
/** A longer text is looked for by pieces of it, and hidden in part, too. */
const longest = 256;
const pieceLength = 64;
/** Of an encoded text: it has no words that could stand elsewhere. */
const encodedPieceLength = 16;
/** Of a longer content single lines are hidden as they are, and not encoded. */
const longestEncodedByLine = 16 * 1024;

/** What is not told of some contents: each as a whole, and line by line. */
export class HiddenTexts {
  readonly #written: readonly string[];
  readonly #whole: TextSet;
  readonly #long: TextPieces;
  readonly #words: TextSet;
  readonly #encoded: TextPieces;
  #cut: { readonly beginnings: TextSet; readonly ends: TextSet } | undefined;

  constructor(contents: readonly string[]) {
    const whole = contents.map((text) => text.trim());
    const lines = whole.flatMap((text) => text.split("\n").map((line) => line.trim()));
    const long = [...new Set([...whole, ...lines])].filter(({ length }) => length >= shortest);
    this.#written = [...new Set(long.flatMap(quoted))];
    this.#whole = new TextSet(this.#written.filter(({ length }) => length <= longest));
    this.#long = new TextPieces(
      this.#written.filter(({ length }) => length > longest),
      pieceLength,
    );
    const short = whole.filter(({ length }) => length < shortest && length >= shortestWord);
    this.#words = new TextSet(short.flatMap((text) => [...quoted(text), ...encodedAlone(text)]));
    const inPart = whole
      .filter(({ length }) => length <= longestEncodedByLine)
      .flatMap((text) => text.split("\n").filter(({ length }) => length >= shortest));
    const toEncode = [...new Set([...whole, ...inPart])];
    const all = toEncode.filter(({ length }) => length >= shortestWord).flatMap(encoded);
    this.#encoded = new TextPieces(
      all.filter(({ length }) => length >= shortest),
      encodedPieceLength,
    );
  }

  /** Where something stands in the text that is not to be told. */
  *spansIn(text: string): Generator<Span> {
    yield* this.#whole.spansIn(text);
    yield* this.#long.spansIn(text);
    yield* this.#wordsIn(text);
    yield* this.#encodedIn(text);
    yield* this.#cutIn(text);
  }

  *#wordsIn(text: string): Generator<Span> {
    for (const [from, to] of this.#words.spansIn(text)) {
      if (!isOfWord(text[from - 1]) && !isOfWord(text[to])) yield [from, to];
    }
  }

  /** Programs print what is encoded in lines and groups. */
  *#encodedIn(text: string): Generator<Span> {
    const { dense, positions } = withoutGaps(text);
    for (const [from, to] of this.#encoded.spansIn(dense)) {
      yield [positions[from] ?? 0, (positions[to - 1] ?? 0) + 1];
    }
  }

  /** What is left of them where the middle of the text was not kept. */
  *#cutIn(text: string): Generator<Span> {
    for (const { 0: mark, index } of text.matchAll(cutMark)) {
      this.#cut ??= {
        beginnings: new TextSet(this.#written.map((one) => one.slice(0, longest))),
        ends: new TextSet(this.#written.map((one) => reversed(one.slice(-longest)))),
      };
      const from = Math.max(0, index - longest);
      const begun = this.#cut.beginnings.unfinishedIn(text.slice(from, index));
      if (begun !== undefined) yield [from + begun, index];
      const to = index + mark.length;
      const rest = text.slice(to, to + longest);
      const ended = this.#cut.ends.unfinishedIn(reversed(rest));
      if (ended !== undefined) yield [to, to + rest.length - ended];
    }
  }
}

function isOfWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

function reversed(text: string): string {
  return text.split("").reverse().join("");
}

/** The text without blanks and colons, and where each of its characters stood. */
function withoutGaps(text: string): { dense: string; positions: Uint32Array } {
  const pieces: string[] = [];
  const positions = new Uint32Array(text.length);
  let count = 0;
  for (const { 0: piece, index } of text.matchAll(/[^\s:]+/g)) {
    pieces.push(piece);
    for (let i = 0; i < piece.length; i++) positions[count++] = index + i;
  }
  return { dense: pieces.join(""), positions };
}
