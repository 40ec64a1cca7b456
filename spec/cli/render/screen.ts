import type { Terminal } from "../../../cli/render/terminalBlock.js";

/** A row; `goes` when the line it is of goes on in the next one. */
interface Row {
  text: string;
  goes: boolean;
}

const parts = /\p{Cc}\[\??(\d*)([A-Za-z])|[\s\S]/gu;

/** A terminal that can be looked at. Like most, it wraps its lines anew when it becomes narrower. */
export class Screen implements Terminal {
  columns: number;
  rows: number;
  writes = 0;
  #all: Row[] = [{ text: "", goes: false }];
  #row = 0;
  #column = 0;
  #wraps = true;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.writes++;
    for (const [part, count, command] of text.matchAll(parts)) {
      if (command !== undefined) this.#obey(command, Number(count));
      else if (part === "\n") this.#down();
      else if (part === "\r") this.#column = 0;
      else this.#put(part);
    }
  }

  /** All lines that were ever told and not drawn over, as somebody who scrolls up sees them. */
  get lines(): readonly string[] {
    return this.#all.map(({ text }) => text);
  }

  resize(columns: number, rows: number): void {
    const lines: string[] = [];
    let line = "";
    for (const { text, goes } of this.#all) {
      line += text;
      if (!goes) lines.push(line);
      if (!goes) line = "";
    }
    this.#all = lines.flatMap((whole) => {
      const pieces = whole.match(new RegExp(`.{1,${columns}}`, "gsu")) ?? [""];
      return pieces.map((text, i) => ({ text, goes: i < pieces.length - 1 }));
    });
    this.#row = this.#all.length - 1;
    this.columns = columns;
    this.rows = rows;
  }

  get #top(): number {
    return Math.max(0, this.#all.length - this.rows);
  }

  #obey(command: string, count: number): void {
    if (command === "A") this.#row = Math.max(this.#top, this.#row - count);
    else if (command === "J") this.#all.length = this.#row + 1;
    if (command === "J" && this.#column === 0) this.#all[this.#row] = { text: "", goes: false };
    if (count === 7) this.#wraps = command === "h";
  }

  #down(): void {
    this.#column = 0;
    this.#row++;
    if (this.#row === this.#all.length) this.#all.push({ text: "", goes: false });
  }

  #put(character: string): void {
    if (this.#column === this.columns && this.#wraps) {
      const row = this.#all[this.#row];
      if (row) row.goes = true;
      this.#down();
    }
    const row = this.#all[this.#row];
    if (!row) return;
    const characters = [...row.text];
    this.#column = Math.min(this.#column, this.columns - 1);
    characters[this.#column++] = character;
    row.text = characters.join("");
  }
}
