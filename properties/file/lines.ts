import { z } from "zod";
import { AbortedChange, posixProperty } from "../../engine/index.js";
import { absolutePath } from "./arguments.js";
import { applyEdit, checkEdit, refinedBy } from "./edit.js";
import * as block from "./editing/block.js";
import * as lines from "./editing/lines.js";

export type { Pattern } from "./editing/lines.js";

const somePatterns = z.union([
  z.string(),
  z.strictObject({ source: z.string(), flags: z.string() }),
]);

/**
 * The file contains each of the lines; those that stand nowhere in it are appended. It and its
 * directory are made when missing. Unapplied: it contains none of the lines.
 */
export const containsLines = posixProperty<[path: string, ...lines: string[]]>(
  "file.containsLines",
  {
    args: refinedBy(z.tuple([absolutePath, z.string()], z.string()), (_path, ...wanted) =>
      lines.containsLines(undefined, wanted),
    ),
    desc: (path, ...wanted) => `${path} contains ${inWords(wanted)}`,
    check: (host, path, ...wanted) =>
      checkEdit(
        host,
        path,
        (text) => lines.containsLines(text, wanted),
        (text) => lines.lacksLines(text, wanted),
      ),
    apply: (host, path, ...wanted) =>
      applyEdit(host, path, (text) => lines.containsLines(text, wanted)),
    unapply: (host, path, ...wanted) =>
      applyEdit(host, path, (text) => lines.lacksLines(text, wanted)),
  },
);

/** The file contains none of the lines. A file that is missing stays missing. */
export const lacksLines = posixProperty<[path: string, ...lines: string[]]>("file.lacksLines", {
  args: z.tuple([absolutePath, z.string()], z.string()),
  desc: (path, ...unwanted) => `${path} lacks ${inWords(unwanted)}`,
  check: (host, path, ...unwanted) =>
    checkEdit(host, path, (text) => lines.lacksLines(text, unwanted)),
  apply: (host, path, ...unwanted) =>
    applyEdit(host, path, (text) => lines.lacksLines(text, unwanted)),
});

/** The file contains no line in which one of the patterns matches, at whatever place. */
export const lacksLinesMatching = posixProperty<[path: string, ...patterns: lines.Pattern[]]>(
  "file.lacksLinesMatching",
  {
    args: refinedBy(z.tuple([absolutePath, somePatterns], somePatterns), (_path, ...patterns) =>
      lines.lacksLinesMatching("", patterns),
    ),
    desc: (path, ...patterns) =>
      `${path} lacks lines matching ${patterns.map((one) => `/${sourceOf(one)}/`).join(", ")}`,
    check: (host, path, ...patterns) =>
      checkEdit(host, path, (text) => lines.lacksLinesMatching(text, patterns)),
    apply: (host, path, ...patterns) =>
      applyEdit(host, path, (text) => lines.lacksLinesMatching(text, patterns)),
  },
);

/** How often {@link regexReplacedLines} replaces. */
export interface ReplaceOptions {
  /** All matches on a line, not only the first. */
  readonly every?: boolean;
}

/**
 * In each line of the file, what the pattern matches first is replaced. `$1`, `$<name>` and `$&` in
 * the replacement stand for what was matched. Nothing may be left to replace: it fails where the
 * pattern would match what it has been replaced by, or a second place in a line without `every`.
 */
export const regexReplacedLines = posixProperty<
  [path: string, pattern: lines.Pattern, replacement: string, options?: ReplaceOptions]
>("file.regexReplacedLines", {
  args: refinedBy(
    z.tuple([
      absolutePath,
      somePatterns,
      z.string(),
      z.strictObject({ every: z.boolean().exactOptional() }).exactOptional(),
    ]),
    (_path, pattern, replacement) => lines.regexReplacedLines("", pattern, replacement),
  ),
  desc: (path, pattern, replacement) =>
    `${path} has "${replacement}" in place of /${sourceOf(pattern)}/`,
  check: (host, path, ...how) =>
    checkEdit(host, path, (text) => lines.regexReplacedLines(text, ...how)),
  apply: (host, path, ...how) =>
    applyEdit(host, path, (text) => {
      const once = lines.regexReplacedLines(text, ...how);
      if (lines.regexReplacedLines(once, ...how) === once) return once;
      throw new AbortedChange(`in ${path} each run would replace something again`, {
        hint: "let the pattern not match what replaces it, or say { every: true }",
      });
    }),
});

/** How {@link containsBlock} marks its block. */
export interface BlockOptions {
  /** What begins a comment in this file; `#` by default. */
  readonly comment?: string;
}

/**
 * The file contains the lines as a block of that name, between two comments that say so: where the
 * block stands already, or at the end. Unapplied: it contains no block of that name.
 */
export const containsBlock = posixProperty<
  [path: string, name: string, lines: readonly string[], options?: BlockOptions]
>("file.containsBlock", {
  args: refinedBy(
    z.tuple([
      absolutePath,
      z.string(),
      z.array(z.string()),
      z.strictObject({ comment: z.string().exactOptional() }).exactOptional(),
    ]),
    (_path, name, wanted, options) =>
      block.containsBlock(undefined, name, wanted, options?.comment),
  ),
  desc: (path, name) => `${path} contains the block ${name}`,
  check: (host, path, name, wanted, options) =>
    checkEdit(
      host,
      path,
      (text) => block.containsBlock(text, name, wanted, options?.comment),
      (text) => block.lacksBlock(text, name, options?.comment),
    ),
  apply: (host, path, name, wanted, options) =>
    applyEdit(host, path, (text) => block.containsBlock(text, name, wanted, options?.comment)),
  unapply: (host, path, name, _wanted, options) =>
    applyEdit(host, path, (text) => block.lacksBlock(text, name, options?.comment)),
});

function inWords(lines: readonly string[]): string {
  const [first = "", ...others] = lines;
  if (others.length > 0) return `${lines.length} lines`;
  return first.length > 60 ? "a line" : `the line "${first}"`;
}

function sourceOf(pattern: lines.Pattern): string {
  return typeof pattern === "string" ? pattern : pattern.source;
}
