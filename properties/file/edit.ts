/** How a property that edits a file as text looks and works: with a pure function of the text. */
import type { z } from "zod";
import {
  FailedChange,
  type FileAttributes,
  type Finding,
  InvalidArgument,
  isError,
  type LookingHost,
  type Outcome,
  type PosixHost,
} from "../../engine/index.js";
import { parentOf } from "./arguments.js";
import { bytesOf, readText, textOf } from "./text.js";

/** A file's text as it should be, from its text as it is. Undefined: there is no file. */
export type Edit = (text: string | undefined) => string | undefined;

/** Whether the edit would change nothing; and if not, whether undoing it would change something. */
export async function checkEdit(
  host: LookingHost,
  path: string,
  edit: Edit,
  undo: Edit = (text) => text,
): Promise<Finding> {
  const text = await readText(host, path);
  if (edit(text) === text) return true;
  return undo(text) === text ? false : "partly";
}

/** The file's text is edited. A new file has its directory made, if that is missing. */
export function applyEdit(
  host: PosixHost,
  path: string,
  edit: Edit,
  attributes: FileAttributes = {},
): Promise<Outcome> {
  const editBytes = (before: Uint8Array | undefined) => {
    const after = edit(before && textOf(before));
    return after === undefined ? undefined : bytesOf(after);
  };
  return inDirectory(host, path, () => host.editFile(path, editBytes, attributes));
}

/** The work is done at the path. When it fails since the directory is missing, that is made first. */
export async function inDirectory<T>(
  host: PosixHost,
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const parent = parentOf(path);
  try {
    return await work();
  } catch (error) {
    if (!isError(error, FailedChange) || (await host.exists(parent))) throw error;
    await host.makeDirectory(parent);
    return await work();
  }
}

/** The schema, for what the function takes: what that refuses is refused with the arguments. */
export function refinedBy<S extends z.ZodType<readonly unknown[]>>(
  schema: S,
  take: (...args: z.output<S>) => unknown,
): S {
  return schema.check((context) => {
    try {
      take(...context.value);
    } catch (error) {
      if (!isError(error, InvalidArgument)) throw error;
      context.issues.push({ code: "custom", message: error.message, input: context.value });
    }
  });
}
