import { shareTerminal } from "../../core/index.js";
import { cut, widthOf } from "./width.js";

/** A terminal that text is written to. Its size may change. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

const sequence = "\x1b[";
const hideCursor = `${sequence}?25l`;
const showCursor = `${sequence}?25h`;
// Lines that are wider than the terminal after all must not take two rows: we go up by counting.
const noWrap = `${sequence}?7l`;
const wrap = `${sequence}?7h`;
const clearBelow = `${sequence}J`;
const frameMs = 100;

/**
 * Lines at the bottom of a terminal that are drawn again and again, and what scrolls above them.
 * However much happens, it is drawn ten times a second.
 */
export class TerminalBlock {
  readonly #terminal: Terminal;
  readonly #lines: () => readonly string[];
  readonly #timer: NodeJS.Timeout;
  /** Lines that scroll by and have not been drawn yet. */
  #above: string[] = [];
  #drawn: readonly string[] = [];
  #closed = false;
  #isPaused = false;
  readonly #leaveTerminal: () => void;
  readonly #restore = () => this.close();

  /** `lines` are those at the bottom now. */
  constructor(terminal: Terminal, lines: () => readonly string[]) {
    this.#terminal = terminal;
    this.#lines = lines;
    terminal.write(hideCursor);
    this.#timer = setInterval(() => this.#draw(this.#fitted(this.#lines())), frameMs);
    this.#timer.unref();
    // However this process ends, the terminal is as it was.
    process.once("exit", this.#restore);
    this.#leaveTerminal = shareTerminal({
      pause: () => this.#pause(),
      resume: () => this.#resume(),
    });
  }

  /** These lines will be above the block for good. */
  scroll(lines: readonly string[]): void {
    if (this.#closed) this.#terminal.write(lines.map((line) => `${line}\n`).join(""));
    else for (const line of lines) this.#above.push(line);
  }

  /** The block is gone and the cursor is back. */
  close(): void {
    if (this.#closed) return;
    clearInterval(this.#timer);
    this.#leaveTerminal();
    this.#isPaused = false;
    this.#draw([]);
    this.#terminal.write(showCursor);
    this.#closed = true;
    process.removeListener("exit", this.#restore);
  }

  #pause(): void {
    this.#draw([]);
    this.#terminal.write(showCursor);
    this.#isPaused = true;
  }

  #resume(): void {
    this.#isPaused = false;
    this.#terminal.write(hideCursor);
  }

  #draw(lines: readonly string[]): void {
    if (this.#isPaused) return;
    const isSame =
      lines.length === this.#drawn.length && lines.every((line, i) => line === this.#drawn[i]);
    if (isSame && this.#above.length === 0) return;
    const above = this.#above.map((line) => `${line}\n`).join("");
    const below = lines.map((line) => `${line}\n`).join("");
    this.#terminal.write(`${this.#erase()}${above}${below && `${noWrap}${below}${wrap}`}`);
    this.#above = [];
    this.#drawn = lines;
  }

  /** What erases the block. Terminals that have become narrower have mostly wrapped its lines anew. */
  #erase(): string {
    const { columns } = this.#terminal;
    const rowsOf = (line: string) => Math.max(1, Math.ceil(widthOf(line) / columns));
    const height = this.#drawn.reduce((sum, line) => sum + rowsOf(line), 0);
    const up = height > 0 ? `${sequence}${height}A` : "";
    return `\r${up}${clearBelow}`;
  }

  /** No line is wider than the terminal, and there is a row left for the cursor. */
  #fitted(lines: readonly string[]): readonly string[] {
    const { columns, rows } = this.#terminal;
    const width = Math.max(20, columns) - 1;
    return lines.slice(0, Math.max(1, rows - 1)).map((line) => cut(line, width));
  }
}
