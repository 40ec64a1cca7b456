import path from "node:path";
import type { Message } from "esbuild";
import { InvalidConsfig } from "../base/index.js";

/** One reason why code does not compile. */
export interface Problem {
  /** `file:line:column` */
  readonly at?: string;
  readonly text: string;
  /** The line it is about, and where in it. */
  readonly excerpt?: { readonly line: string; readonly column: number; readonly length: number };
}

/**
 * What the compiler, working in that directory, says: in the positions that people and editors count
 * in.
 */
export function problemOf({ text, location, notes }: Message, directory = ""): Problem {
  const also = notes.map((note) => `\n${note.text}`).join("");
  if (!location) return { text: text + also };
  // Columns come as bytes from 0.
  const bytes = Buffer.from(location.lineText);
  const column = bytes.subarray(0, location.column).toString().length;
  const end = bytes.subarray(0, location.column + location.length).toString().length;
  return {
    at: `${path.relative("", path.resolve(directory, location.file))}:${location.line}:${column + 1}`,
    text: text + also,
    excerpt: { line: location.lineText, column, length: Math.max(1, end - column) },
  };
}

/** The error for code with these problems. */
export function doesNotCompile(what: string, problems: readonly Problem[]): InvalidConsfig {
  const [first] = problems;
  return new InvalidConsfig(`${what} does not compile`, {
    problems,
    ...(first?.at ? { at: first.at } : {}),
  });
}

/** Whether the compiler threw that, and says why. */
export function isBuildFailure(error: unknown): error is Error & { errors: Message[] } {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
