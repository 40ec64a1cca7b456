/** Text as wide as a terminal has room for it. Colours take no room. */

/** A part of a line: a colour, or one character. */
const parts = /\p{Cc}\[[\d;]*m|./gsu;
const esc = "\x1b";
const endColours = `${esc}[0m`;

/** The columns that the line takes. */
export function widthOf(line: string): number {
  let width = 0;
  for (const [part] of line.matchAll(parts)) if (!isColour(part)) width++;
  return width;
}

/** As much of the line as has room; colours are ended at its end. */
export function cut(line: string, width: number): string {
  let room = width;
  let text = "";
  for (const [part] of line.matchAll(parts)) {
    if (!isColour(part) && room-- <= 0) return `${text}…${text.includes(esc) ? endColours : ""}`;
    text += part;
  }
  return text;
}

/** The words, two blanks between them, on as many lines as they need. */
export function folded(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}  ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function isColour(part: string): boolean {
  return part.length > 2;
}
