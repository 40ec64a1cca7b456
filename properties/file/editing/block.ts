import { InvalidArgument } from "../../../engine/index.js";
import { checkLine, editLines, type Line, newLine } from "./lines.js";

/**
 * Has a block of exactly these lines between two comments that name it: replaced where it stands,
 * or appended. A first comment without its second is left alone.
 *
 * @param comment what begins a comment in this file
 */
export function containsBlock(
  text: string | undefined,
  name: string,
  lines: readonly string[],
  comment = "#",
): string {
  const [first, last] = markers(name, comment);
  for (const line of lines) {
    checkLine(line);
    if (line === first || line === last) {
      throw new InvalidArgument("a line of a block is one of its markers", { line });
    }
  }
  return editLines(text, (old) => {
    const block = find(old, first, last);
    const [start, end] = block ? [block.start + 1, block.end] : [old.length, old.length];
    const current = old.slice(start, end);
    const wanted = lines.map((line, n) => (current[n]?.text === line ? current[n] : newLine(line)));
    const inside = block ? wanted : [newLine(first), ...wanted, newLine(last)];
    return [...old.slice(0, start), ...inside, ...old.slice(end)];
  });
}

/** Has no block of that name. A missing file stays missing. */
export function lacksBlock<T extends string | undefined>(
  text: T,
  name: string,
  comment = "#",
): T | string {
  const [first, last] = markers(name, comment);
  if (text === undefined) return text;
  return editLines(text, (old) => {
    const kept: Line[] = [];
    const starts: number[] = [];
    for (const line of old) {
      if (line.text === first) starts.push(kept.length);
      const start = line.text === last ? starts.pop() : undefined;
      if (start === undefined) kept.push(line);
      else kept.length = start;
    }
    return kept;
  });
}

function markers(name: string, comment: string): readonly [first: string, last: string] {
  checkLine(name, "the name of a block");
  checkLine(comment, "the beginning of a comment");
  if (name.trim() === "") throw new InvalidArgument("the name of a block is empty");
  return [`${comment} BEGIN ${name}`, `${comment} END ${name}`];
}

function find(lines: readonly Line[], first: string, last: string) {
  let start: number | undefined;
  for (const [n, { text }] of lines.entries()) {
    if (text === first) start = n;
    else if (text === last && start !== undefined) return { start, end: n };
  }
  return undefined;
}
