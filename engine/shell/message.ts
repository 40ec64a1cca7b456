import { InvalidArgument, operand, quote } from "../base/index.js";
import type { ExecOptions } from "./options.js";
import { asPrintfEscapes, oneLineWord } from "./program.js";

/** Longest stdin, as printf %b writes it, that travels in a line: beyond, storing it is faster. */
const longestInline = 8 * 1024;

/** What the host is sent to run one command. */
export interface Message {
  readonly line: string;
  /** What has to be stored on the host before the line is sent. */
  readonly stored?: Uint8Array;
}

/**
 * The message for the command of that number; `path` is shell text for where its stdin is, if it must
 * be stored.
 *
 * @throws InvalidArgument when an environment variable cannot have its name
 */
export function messageFor(
  number: number,
  text: string,
  options: ExecOptions,
  path: string,
): Message {
  const { cwd, env = {}, looks, bySession } = options;
  const letter = bySession ? "L" : looks ? "Q" : "R";
  const stdin = bytesOf(options.stdin);
  const inline = stdin && stdin.length <= longestInline ? asPrintfEscapes(stdin) : undefined;
  const travels = inline !== undefined && inline.length <= longestInline;
  const stored = travels ? undefined : stdin;
  const variables = Object.entries(env)
    .map(([name, value]) => variable(name, value))
    .join("");
  // The text of a command that changes is on a command line, which every account of the host can see;
  // an environment is for one's own.
  const hasOwn = !looks && variables !== "";
  const prefix = hasOwn ? `eval "unset -v _e; $_e"; ` : variables;
  const surroundings = [
    ...(cwd === undefined ? [] : [`cd -- ${quote(operand(cwd))} || _no cwd`]),
    // A redirection of exec that fails ends the shell.
    ...(stored ? [`[ -r ${path} ] || _no stdin; exec <${path}; rm -f ${path}`] : []),
    ...(hasOwn ? [`export _e=${quote(variables)}`] : []),
  ].join("; ");
  const line = [
    ...(surroundings === "" ? [] : [`V ${oneLineWord(surroundings)}\n`]),
    ...(travels ? [`I ${inline}\n`] : []),
    `${letter} ${number} ${oneLineWord(prefix + text)}\n`,
  ].join("");
  return stored ? { line, stored } : { line };
}

function variable(name: string, value: string | undefined): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new InvalidArgument(`an environment variable cannot have the name ${name}`);
  }
  return value === undefined ? `unset -v ${name}; ` : `export ${name}=${quote(value)}; `;
}

function bytesOf(stdin: ExecOptions["stdin"]): Uint8Array | undefined {
  if (stdin === undefined || stdin instanceof Uint8Array) return stdin;
  return Buffer.from(typeof stdin === "string" ? stdin : stdin.reveal(), "utf8");
}
