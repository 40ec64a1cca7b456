import path from "node:path";
import { fileURLToPath } from "node:url";
import { inWords } from "../../core/index.js";
import { ConsfigError, InvalidConsfig } from "../../engine/base/index.js";
import { compiledPath } from "../package.js";

/** What the work gives; what it throws tells where in the person's files that was. */
export async function whileLoading<T>(
  what: string,
  code: string,
  work: () => T,
): Promise<Awaited<T>> {
  try {
    return await work();
  } catch (error) {
    throw explained(what, code, error);
  }
}

/** The error for what was thrown where nobody waits for it, if that is in the person's own code. */
export function failsMeanwhile(error: unknown): unknown {
  const at = error instanceof Error ? positionIn(error) : undefined;
  return at === undefined ? error : located("something that the consfig began fails", error, at);
}

/** The error for a list of hosts whose computation throws. */
export function failsToCompute(what: string, error: unknown): InvalidConsfig {
  const at = error instanceof Error ? positionIn(error) : undefined;
  const facts = error instanceof ConsfigError ? error.facts : {};
  return new InvalidConsfig(
    `${what} cannot be computed: ${textOf(error)}`,
    at === undefined ? facts : { at, ...facts },
    { cause: error },
  );
}

function explained(what: string, code: string, error: unknown): ConsfigError {
  const at = error instanceof Error ? positionIn(error, code) : undefined;
  return located(`${what} fails while it is loaded`, error, at);
}

function located(what: string, error: unknown, at: string | undefined): ConsfigError {
  if (error instanceof ConsfigError) {
    if (at !== undefined && error.facts.at === undefined) Object.assign(error.facts, { at });
    return error;
  }
  return new InvalidConsfig(`${what}: ${textOf(error)}`, at === undefined ? {} : { at }, {
    cause: error,
  });
}

function textOf(error: unknown): string {
  if (error instanceof ConsfigError) return error.message;
  return inWords(error);
}

/** The topmost place in the person's own files that the error's stack names: `file:line:column`. */
function positionIn(error: Error, code?: string): string | undefined {
  return positionsIn(error.stack ?? "", code)[0];
}

/** The places in the person's own files that a stack names, topmost first: `file:line:column`. */
export function positionsIn(stack: string, code?: string): readonly string[] {
  const own = compiledPath("");
  return stack.split("\n").flatMap((line) => {
    const match = /(?:\(|at )((?:file:|\/)[^()]*):(\d+):(\d+)\)?$/.exec(line);
    const [, name = "", row, column] = match ?? [];
    if (!match) return [];
    const file = name.startsWith("file:") ? fileURLToPath(name) : name;
    if (file.startsWith(own) || file === code || file.includes("/node_modules/")) return [];
    return [`${path.relative("", file)}:${row}:${column}`];
  });
}
