/** A terminal that text is written to. */
export interface Terminal {
  readonly columns: number;
  write(text: string): void;
}

const sequence = "\x1b[";
const hideCursor = `${sequence}?25l`;
const showCursor = `${sequence}?25h`;
// Lines that are wider than the terminal after all must not take two rows: we go up by counting.
const noWrap = `${sequence}?7l`;
const wrap = `${sequence}?7h`;
const clearBelow = `${sequence}J`;

/** Lines at the bottom of a terminal that are drawn again and again. */
export class TerminalBlock {
  readonly #terminal: Terminal;
  #height = 0;
  #drawn = "";
  #closed = false;
  readonly #restore = () => this.close();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.write(hideCursor);
    // However this process ends, the terminal is as it was.
    process.once("exit", this.#restore);
  }

  /** The lines are at the bottom, in place of those before. */
  draw(lines: readonly string[]): void {
    const text = this.#fitted(lines);
    if (this.#closed || text === this.#drawn) return;
    this.#terminal.write(this.#erase() + text);
    this.#drew(text, lines.length);
  }

  /** These lines are above the block for good, and the block has new lines. */
  scroll(above: readonly string[], lines: readonly string[]): void {
    if (this.#closed) {
      this.#terminal.write(`${above.join("\n")}\n`);
      return;
    }
    const text = this.#fitted(lines);
    this.#terminal.write(`${this.#erase()}${above.join("\n")}\n${text}`);
    this.#drew(text, lines.length);
  }

  /** The block is gone and the cursor is back. */
  close(): void {
    if (this.#closed) return;
    this.#terminal.write(this.#erase() + showCursor);
    this.#closed = true;
    process.removeListener("exit", this.#restore);
  }

  #erase(): string {
    const up = this.#height > 0 ? `${sequence}${this.#height}A` : "";
    return `\r${up}${clearBelow}`;
  }

  #drew(text: string, height: number): void {
    this.#drawn = text;
    this.#height = height;
  }

  #fitted(lines: readonly string[]): string {
    if (lines.length === 0) return "";
    const width = Math.max(20, this.#terminal.columns) - 1;
    return `${noWrap}${lines.map((line) => `${cut(line, width)}\n`).join("")}${wrap}`;
  }
}

/** Colours, or one character. */
const parts = /\p{Cc}\[[\d;]*m|./gsu;

/** As much of the line as has room; colours take none, and are ended at its end. */
function cut(line: string, width: number): string {
  let room = width;
  let text = "";
  for (const [part] of line.matchAll(parts)) {
    const isColour = part.length > 2;
    if (!isColour && room-- <= 0) return `${text}…${sequence}0m`;
    text += part;
  }
  return text;
}
