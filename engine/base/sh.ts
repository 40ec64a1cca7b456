import { inspect } from "node:util";
import { InvalidArgument } from "./errors.js";

/** One word of a command. Numbers are written in decimal. */
export type Word = string | number;

/** A command: its words, each of which reaches the program exactly as it stands. */
export type Words = readonly Word[];

/**
 * The words of a command, written as one reads it.
 *
 * Blanks between words separate; an interpolated value is always exactly one word (or part of one,
 * when it touches text), an interpolated array is as many words as it has members. Nothing is
 * interpreted by a shell: quotes, `$` and `*` in the text are refused, since they would not do what
 * they look like. For shell text proper use {@link script}.
 *
 * @throws InvalidArgument when the text has shell syntax in it.
 */
export function sh(text: TemplateStringsArray, ...values: readonly (Word | Words)[]): Words {
  const words: string[] = [];
  let current: string | undefined;
  const endWord = () => {
    if (current !== undefined) words.push(current);
    current = undefined;
  };
  textParts(text).forEach((part, index) => {
    const syntax = /["'`$\\;&|<>(){}*?[\]!#~\n]/.exec(part);
    if (syntax) {
      throw new InvalidArgument(
        `shell syntax (${JSON.stringify(syntax[0])}) in a command's words`,
        {
          hint: "interpolate the text as a value, or use script`…` for shell code",
        },
      );
    }
    for (const piece of part.split(/( +)/)) {
      if (piece.startsWith(" ")) endWord();
      else if (piece !== "") current = (current ?? "") + piece;
    }
    if (index >= values.length) return;
    const value = values[index];
    if (Array.isArray(value)) {
      if (current !== undefined) {
        throw new InvalidArgument("an array of words must stand alone, between blanks");
      }
      words.push(...value.map(written));
    } else {
      current = (current ?? "") + written(value);
    }
  });
  endWord();
  return words;
}

/** The word as text. @throws InvalidArgument for what a program would get as e.g. "undefined" */
function written(word: unknown): string {
  if (typeof word === "string" || Number.isFinite(word)) return String(word);
  throw new InvalidArgument(`${inspect(word, { depth: 0 })} is no word of a command`, {
    hint: "expected text, a number, or a list of these",
  });
}

/** The word quoted so that a POSIX shell reads exactly it. */
export function quote(word: Word): string {
  const text = written(word);
  if (text.includes("\0")) {
    throw new InvalidArgument("a word of a command cannot contain a NUL byte");
  }
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The words quoted and joined: shell text that runs exactly that command. */
export function quoteWords(words: Words): string {
  return words.map(quote).join(" ");
}

/**
 * Shell text with every interpolated value quoted, as the words of a command that runs it in a
 * fresh `sh`. An interpolated array becomes as many words as it has members. A backslash for the
 * shell, or for a program's pattern, is written twice, as in any template.
 *
 * @throws InvalidArgument when a single backslash would be lost.
 */
export function script(text: TemplateStringsArray, ...values: readonly (Word | Words)[]): Words {
  const [first = "", ...more] = textParts(text);
  let body = first;
  values.forEach((value, index) => {
    body += Array.isArray(value) ? quoteWords(value) : quote(value as Word);
    body += more[index] ?? "";
  });
  return ["sh", "-c", body];
}

/** The parts of a template. @throws InvalidArgument when one has a backslash that would be lost */
function textParts(text: TemplateStringsArray): readonly string[] {
  text.raw.forEach((raw, index) => {
    const [, lost] = /^(?:[^\\]|\\[\\`${nrtxu\n])*(\\[^\\`${nrtxu\n])/.exec(raw) ?? [];
    if (lost === undefined && text[index] !== undefined) return;
    throw new InvalidArgument(
      `JavaScript does not pass on ${lost ?? "\\x or \\u"} as it is written`,
      {
        hint: "write backslashes that are for the shell, or for what it runs, twice",
      },
    );
  });
  return text;
}

/**
 * The command as one line for a login shell, which need be no POSIX shell: fish reads backslashes within
 * quotes, csh takes `!` for a command of the past and a long word for none. So all but the plainest
 * characters are written in octal digits, for `sh` to decode, and in pieces.
 */
export function loginShellLine(words: Words): string {
  const text = Buffer.from(`exec ${quoteWords(words)}`);
  const encoded = Array.from(text, (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9 _./:=@%+,-]/.test(character)) return character;
    return `\\0${byte.toString(8).padStart(3, "0")}`;
  }).join("");
  const pieces = encoded.match(/(?:\\0[0-7]{3}|[^\\]){1,180}/g) ?? [];
  const decode = `eval "$(IFS=; printf %b "$*")"`;
  return `exec sh -c '${decode}' sh ${pieces.map((piece) => `'${piece}'`).join(" ")}`;
}

/** The path in a form that no program takes for an option. */
export function operand(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

/**
 * Shell text in one line, as a word of a command or a line of a session. Comments and line breaks are taken out, so the
 * text must not depend on them. What the shell is to expand is written `\${…}`, and other text is put in
 * with `${…}`.
 */
export function shellText(text: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw(text, ...values)
    .replaceAll("\\${", "${")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join(" ");
}
