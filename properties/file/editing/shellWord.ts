/** A word as a POSIX shell reads it. */
export interface ShellWord {
  /** Where the text after the word begins. */
  readonly end: number;
  /** What the word stands for; undefined when that depends on what the shell expands in it. */
  readonly value: string | undefined;
  /** Whether a quote or substitution is still open at the end of the text. */
  readonly unfinished: boolean;
}

/** Reads the word that begins at `start`, as the value of an assignment. */
export function readShellWord(text: string, start: number): ShellWord {
  let value = "";
  let isPlain = text[start] !== "~";
  let quoted = false;
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (!quoted && /[ \t\n;&|<>()]/.test(character)) break;
    if (character === '"') {
      quoted = !quoted;
      at += 1;
    } else if (character === "'" && !quoted) {
      const close = text.indexOf("'", at + 1);
      if (close < 0) return unfinished(text);
      value += text.slice(at + 1, close);
      at = close + 1;
    } else if (character === "\\") {
      if (at + 1 === text.length) return unfinished(text);
      value += escaped(text.charAt(at + 1), quoted);
      at += 2;
    } else if (isExpansion(text, at, quoted)) {
      isPlain = false;
      at = afterExpansion(text, at);
      if (at < 0) return unfinished(text);
    } else {
      value += character;
      at += 1;
    }
  }
  return quoted
    ? unfinished(text)
    : { end: at, value: isPlain ? value : undefined, unfinished: false };
}

/** The value as one word that a POSIX shell, and what imitates one, reads back as it is. */
export function shellQuoted(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(value)) return value;
  return `"${value.replace(/[$"`\\]/g, "\\$&")}"`;
}

function unfinished(text: string): ShellWord {
  return { end: text.length, value: undefined, unfinished: true };
}

function escaped(character: string, quoted: boolean): string {
  if (character === "\n") return "";
  return quoted && !'$"`\\'.includes(character) ? `\\${character}` : character;
}

function isExpansion(text: string, at: number, quoted: boolean): boolean {
  if (text[at] === "`") return true;
  if (text[at] !== "$") return false;
  return (quoted ? /[\w{(@*#?$!-]/ : /[\w{(@*#?$!'"-]/).test(text.charAt(at + 1));
}

function afterExpansion(text: string, at: number): number {
  const next = text.charAt(at + 1);
  if (text[at] === "`") return afterClosing(text, at + 1, "`");
  if (next === "{") return afterClosing(text, at + 2, "}");
  if (next === "(") return afterClosing(text, at + 2, ")");
  return next === "'" || next === '"' ? at + 1 : at + 2;
}

/** Where the text goes on after the closing bracket, or -1. Brackets of its own kind may nest. */
function afterClosing(text: string, start: number, closing: string): number {
  const opening = closing === ")" ? "(" : closing === "}" ? "{" : "";
  let depth = 1;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\" && quote !== "'") at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === closing) depth -= 1;
    else if (character === "'" || character === '"') quote = character;
    else if (character === opening) depth += 1;
    if (depth === 0) return at + 1;
  }
  return -1;
}
