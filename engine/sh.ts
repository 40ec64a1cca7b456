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
  text.forEach((part, index) => {
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
    const value = values[index] as Word | Words;
    if (typeof value === "object") {
      if (current !== undefined) {
        throw new InvalidArgument("an array of words must stand alone, between blanks");
      }
      words.push(...value.map(String));
    } else {
      current = (current ?? "") + String(value);
    }
  });
  endWord();
  return words;
}

/** The word quoted so that a POSIX shell reads exactly it. */
export function quote(word: Word): string {
  const text = String(word);
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
 * fresh `sh`. An interpolated array becomes as many words as it has members.
 */
export function script(text: TemplateStringsArray, ...values: readonly (Word | Words)[]): Words {
  let body = text[0] ?? "";
  values.forEach((value, index) => {
    body += typeof value === "object" ? quoteWords(value) : quote(value);
    body += text[index + 1] ?? "";
  });
  return ["sh", "-c", body];
}

/** The path in a form that no program takes for an option. */
export function operand(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}
