import type { Entry, KeyPlace } from "./entries.js";
import { indentation, type Setting, type Syntax } from "./syntax.js";

const word = `(?:"[^"]*"|'[^']*'|[^ \\t,"'][^ \\t,]*)`;
const oneValue = new RegExp(`^${word}(?:,[ \\t]*${word})*$`);

/**
 * Which entry to uncomment so that the key has the value, or -1.
 *
 * A comment is a setting commented out, and not prose about one, if it reads as that key with the
 * wanted value itself, or with a value of one word, one quotation, or words with commas between.
 * One without a blank after its comment mark is preferred, since prose has that blank.
 */
export function findTemplate(
  entries: readonly Entry[],
  { section, key }: KeyPlace,
  value: string,
  syntax: Syntax,
): number {
  const find = (pattern: RegExp) =>
    entries.findIndex((entry) => {
      if (entry.section !== section || !pattern.test(entry.lines[0]?.text ?? "")) return false;
      const setting = uncommented(entry, syntax);
      return setting?.key === key && (setting.value === value || hasOneValue(setting, syntax));
    });
  const tight = find(/^[ \t]*[#;]+[^ \t]/);
  return tight >= 0 ? tight : find(/^/);
}

/** The setting that a comment is when its mark is taken away; its indentation stays. */
export function uncommented({ kind, lines }: Entry, { marks, parse }: Syntax): Setting | undefined {
  const text = lines[0]?.text ?? "";
  if (kind !== "comment" || lines.length > 1) return undefined;
  const indent = indentation(text);
  let start = indent.length;
  while (start < text.length && marks.includes(text.charAt(start))) start += 1;
  const body = text.slice(start);
  const setting = parse(body.slice(indentation(body).length));
  if (!setting || setting.unfinished) return undefined;
  return { ...setting, before: indent + setting.before };
}

function hasOneValue({ separator, value }: Setting, { quotes }: Syntax): boolean {
  if (quotes) return true;
  const isAssignment = separator.includes("=");
  if (value === undefined || (value === "" && !isAssignment)) return false;
  if (!isAssignment && /[.:?!]$/.test(value)) return false;
  return value === "" || oneValue.test(value);
}
