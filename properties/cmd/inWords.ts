import { quoteWords, type Words } from "../../engine/index.js";

/** The command on one line, shell text as it was written. */
export function commandInWords(words: Words): string {
  const [program, flag, text, ...rest] = words;
  const isScript = program === "sh" && flag === "-c" && rest.length === 0;
  const line = (isScript ? String(text) : quoteWords(words)).replace(/\s+/g, " ").trim();
  return line.length > 80 ? `${line.slice(0, 77)}…` : line;
}
