import { reasonOf } from "../../core/index.js";
import {
  BrokenProperty,
  ConsfigError,
  InvalidConsfig,
  isError,
  printable,
  printableLines,
} from "../../engine/base/index.js";
import type { Problem } from "../../engine/modules/index.js";
import type { Paint } from "./paint.js";

/** What an error's text says besides what the error itself knows. */
export interface ErrorSurroundings {
  readonly host?: string;
  /** The chain in words. */
  readonly chain?: string;
  readonly verbosity: number;
  readonly paint: Paint;
}

/**
 * The lines that tell a person of an error: what, where, the command and its last words, what to do.
 */
export function errorLines(error: unknown, about: ErrorSurroundings): readonly string[] {
  const { paint, host, chain, verbosity } = about;
  const known = error instanceof ConsfigError ? error : undefined;
  const { facts = {} } = known ?? {};
  const headline = `${codeOf(error)}  ${host === undefined ? "" : `${host}: `}`;
  const [first = "", ...more] = headlineOf(error).split("\n");
  const row = (name: string, value: unknown): string[] =>
    value === undefined || value === "" ? [] : rows(paint.faint(name.padEnd(10)), String(value));
  return [
    paint.bad(paint.strong(headline)) + paint.strong(first),
    ...more.map((line) => `  ${line}`),
    ...row("over", facts.chain ?? chain),
    ...row("property", facts.property),
    ...row("at", facts.problems === undefined ? facts.at : undefined),
    ...problemLines(facts.problems, paint),
    ...row("command", facts.command),
    ...row("exit code", facts.signal === undefined ? facts.exitCode : undefined),
    ...row("signal", facts.signal),
    ...outputLines(facts.output, paint),
    ...row("hint", known ? known.hint : "this is a mistake in consfigurator; -vv shows where"),
    ...(verbosity >= 2 ? stackLines(error, paint) : []),
  ];
}

/** The error's code and the first line of what it says. */
export function errorInBrief(error: unknown): { readonly code: string; readonly text: string } {
  const [text = ""] = headlineOf(error).split("\n");
  return { code: codeOf(error), text };
}

function codeOf(error: unknown): string {
  return error instanceof ConsfigError ? error.code : "E_INTERNAL";
}

/** What the error says, without the command if that has a line of its own. */
function headlineOf(error: unknown): string {
  if (!(error instanceof Error)) return printableLines(String(error));
  const text = error instanceof ConsfigError ? error.message : `${error.name}: ${error.message}`;
  const command = error instanceof ConsfigError ? error.facts.command : undefined;
  const short = typeof command === "string" ? text.replace(`: ${command}`, "") : text;
  return printableLines(short);
}

function rows(name: string, value: string): string[] {
  const [first = "", ...more] = printableLines(value).split("\n");
  return [`  ${name} ${first}`, ...more.map((line) => `  ${" ".repeat(11)}${line}`)];
}

function outputLines(output: unknown, paint: Paint): string[] {
  if (typeof output !== "string" || output === "") return [];
  const lines = printableLines(output).split("\n");
  return [`  ${paint.faint("output")}`, ...lines.map((line) => `    ${paint.faint("|")} ${line}`)];
}

function problemLines(problems: unknown, paint: Paint): string[] {
  if (!Array.isArray(problems)) return [];
  return (problems as Problem[]).flatMap(({ at, text, excerpt }) => {
    const where = at === undefined ? "" : `${printable(at)}: `;
    const lines = ["", `  ${paint.strong(where)}${printableLines(text).replaceAll("\n", "\n  ")}`];
    if (!excerpt) return lines;
    const { line, column, length } = excerpt;
    // Tabs become one blank each, so that the marks stand below what they are about.
    const marks = `${" ".repeat(column)}${"^".repeat(Math.min(length, line.length - column || 1))}`;
    return [...lines, `    ${printable(line.replaceAll("\t", " "))}`, `    ${paint.bad(marks)}`];
  });
}

/** Where in code it arose: for what is a mistake in code. */
function stackLines(error: unknown, paint: Paint): string[] {
  const known = error instanceof ConsfigError;
  if (known && !isError(error, BrokenProperty) && !isError(error, InvalidConsfig)) return [];
  const cause = known ? error.cause : error;
  if (!(cause instanceof Error) || cause.stack === undefined) return [];
  const frames = printableLines(cause.stack).split("\n");
  return frames
    .filter((line) => /^\s+at /.test(line))
    .map((line) => paint.faint(`    ${line.trim()}`));
}

/** An error as plain data, for programs. */
export function errorAsData(error: unknown): object {
  if (!(error instanceof ConsfigError)) {
    const message = reasonOf(error);
    return { code: "E_INTERNAL", message, facts: {} };
  }
  const { hint, ...facts } = error.facts;
  return { code: error.code, message: error.message, facts, ...(hint ? { hint } : {}) };
}
