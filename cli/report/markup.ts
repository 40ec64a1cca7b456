import { printableLines } from "../../engine/base/index.js";

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[] | undefined;

const named: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML with parts: texts stand there as they are, whatever is in them, and undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const rest = parts.map((part, i) => `${asHtml(part)}${strings[i + 1] ?? ""}`);
  return new Markup(`${strings[0] ?? ""}${rest.join("")}`);
}

function asHtml(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  // Text must not turn the direction of what follows it, or hide, in a page either.
  return printableLines(String(part)).replace(/[&<>"']/g, (character) => named[character] ?? "");
}
