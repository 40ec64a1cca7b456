import path from "node:path";
import { fileURLToPath } from "node:url";
import { ConsfigError, InvalidConsfig } from "../../engine/errors.js";
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

function explained(what: string, code: string, error: unknown): ConsfigError {
  const at = error instanceof Error ? positionIn(error, code) : undefined;
  if (error instanceof ConsfigError) {
    if (at !== undefined && error.facts.at === undefined) Object.assign(error.facts, { at });
    return error;
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new InvalidConsfig(
    `${what} fails while it is loaded: ${text}`,
    at === undefined ? {} : { at },
    { cause: error },
  );
}

/** The topmost place in the person's own files that the error's stack names: `file:line:column`. */
function positionIn(error: Error, code: string): string | undefined {
  const own = compiledPath("");
  for (const line of (error.stack ?? "").split("\n")) {
    const match = /(?:\(|at )((?:file:|\/)[^()]*):(\d+):(\d+)\)?$/.exec(line);
    const [, name = "", row, column] = match ?? [];
    if (!match) continue;
    const file = name.startsWith("file:") ? fileURLToPath(name) : name;
    if (file.startsWith(own) || file === code || file.includes("/node_modules/")) continue;
    return `${path.relative("", file)}:${row}:${column}`;
  }
  return undefined;
}
