import { FileFailed, InvalidArgument } from "../../../engine/index.js";

/**
 * A line of a file: its text, and what ended it: `"\n"`, `"\r\n"`, for the last one also `"\r"` or
 * nothing. The end of a new line is empty too: {@link editLines} gives it that of its neighbour.
 */
export interface Line {
  readonly text: string;
  readonly end: string;
}

/** A regular expression: its source (with the meaning of the `u` flag), or source and flags. */
export type Pattern = string | { readonly source: string; readonly flags: string };

/** Each line takes some hundred bytes of memory while it is edited. */
const mostLines = 500_000;

const byteOrderMark = "\uFEFF";

/**
 * The lines of a text, without the byte order mark it may begin with. A carriage return ends no line
 * but is part of the end before a newline or the end of the text.
 */
export function splitLines(text: string): Line[] {
  const pieces = text.slice(markOf(text).length).split("\n", mostLines + 1);
  if (pieces.length > mostLines) {
    throw new FileFailed(`a text of more than ${mostLines} lines cannot be edited`, {
      hint: "find out what has filled the file",
    });
  }
  const last = pieces.pop() ?? "";
  const lines = pieces.map((piece) => lineOf(piece, "\n"));
  return last === "" ? lines : [...lines, lineOf(last, "")];
}

/** A line that is not in the file yet. */
export function newLine(text: string): Line {
  return { text, end: "" };
}

/**
 * The text with its lines edited; the very same text when no line's text differs.
 *
 * Every line keeps its own end, a byte order mark stays in front, a changed text ends with a newline.
 */
export function editLines(
  text: string | undefined,
  edit: (lines: readonly Line[]) => readonly Line[],
): string {
  const old = text ?? "";
  const before = splitLines(old);
  const after = edit(before);
  if (after.length === before.length && after.every((line, n) => line.text === before[n]?.text)) {
    return old;
  }
  let end = before[0]?.end || "\n";
  let result = markOf(old);
  for (const line of after) {
    end = (line.end || end).replace(/\r$/, "\r\n");
    result += line.text + end;
  }
  return result;
}

/** Has the lines, each of which is appended unless it stands somewhere already, exactly so. */
export function containsLines(text: string | undefined, lines: readonly string[]): string {
  for (const line of lines) checkLine(line);
  return editLines(text, (old) => {
    const present = new Set(old.map((line) => line.text));
    const missing = [...new Set(lines)].filter((line) => !present.has(line));
    return [...old, ...missing.map(newLine)];
  });
}

/** Has none of the lines: all exact matches are removed. A missing file stays missing. */
export function lacksLines<T extends string | undefined>(
  text: T,
  lines: readonly string[],
): T | string {
  for (const line of lines) checkLine(line);
  const unwanted = new Set(lines);
  return withoutLines(text, (line) => unwanted.has(line));
}

/** Has no line in which one of the patterns matches, at whatever place. A missing file stays missing. */
export function lacksLinesMatching<T extends string | undefined>(
  text: T,
  patterns: readonly Pattern[],
): T | string {
  const unwanted = patterns.map((pattern) => regExp(pattern));
  return withoutLines(text, (line) => unwanted.some((pattern) => pattern.test(line)));
}

/**
 * Has what matches the pattern replaced, line by line. A missing file stays missing.
 *
 * The replacement may say `$1`, `$<name>` and `$&`; `$$` is a dollar sign. The first match on a line
 * is replaced, or with `every` all of them. Nothing changes on a second run only if the pattern does
 * not match its own replacement, or replaces it with itself.
 */
export function regexReplacedLines<T extends string | undefined>(
  text: T,
  pattern: Pattern,
  replacement: string,
  { every = false }: { readonly every?: boolean } = {},
): T | string {
  checkLine(replacement);
  const expression = regExp(pattern, every ? "g" : "");
  if (text === undefined) return text;
  return editLines(text, (lines) =>
    lines.map((line) => ({ ...line, text: line.text.replace(expression, replacement) })),
  );
}

/**
 * Edits only what stands above the first line in which the pattern matches; all of the text when
 * there is no such line. For files whose later part means something else, like `Match` blocks.
 */
export function editedAbove(
  text: string | undefined,
  pattern: Pattern,
  edit: (text: string | undefined) => string,
): string {
  const boundary = regExp(pattern);
  if (text === undefined) return edit(text);
  let above = markOf(text).length;
  for (const line of splitLines(text)) {
    if (boundary.test(line.text)) return edit(text.slice(0, above)) + text.slice(above);
    above += line.text.length + line.end.length;
  }
  return edit(text);
}

/** @throws InvalidArgument when the text is not one line that can be written and found again. */
export function checkLine(text: string, what = "a line"): void {
  if (/[\n\r\0]/.test(text)) {
    throw new InvalidArgument(`${what} contains a newline, carriage return or NUL`, { text });
  }
}

function lineOf(piece: string, newline: string): Line {
  return piece.endsWith("\r")
    ? { text: piece.slice(0, -1), end: `\r${newline}` }
    : { text: piece, end: newline };
}

function markOf(text: string): string {
  return text.startsWith(byteOrderMark) ? byteOrderMark : "";
}

function withoutLines<T extends string | undefined>(
  text: T,
  isUnwanted: (line: string) => boolean,
): T | string {
  if (text === undefined) return text;
  return editLines(text, (lines) => lines.filter((line) => !isUnwanted(line.text)));
}

function regExp(pattern: Pattern, flag = ""): RegExp {
  const { source, flags } = typeof pattern === "string" ? { source: pattern, flags: "u" } : pattern;
  try {
    return new RegExp(source, flags.replace(/[gy]/g, "") + flag);
  } catch (cause) {
    throw new InvalidArgument(`not a regular expression: ${source}`, { flags }, { cause });
  }
}
