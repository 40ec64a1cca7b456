import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import v8 from "node:v8";
import vm from "node:vm";
import { isPrivate, markUsed, replace } from "./store.js";

const digestLength = 32;

/** A script, and what makes compiling it unnecessary the next time. */
export interface CachedScript {
  readonly script: vm.Script;
  /** Keeps the code of all functions that have run until now, unless it was there already. */
  keep(): void;
}

/**
 * Compiles the text, or takes the code that was kept beside the module file. V8 checks the flags and
 * the version it was made with, and the length of the text; that the code is whole is checked here.
 */
export function cachedScript(
  text: string,
  filename: string,
  directory: string,
  hash: string,
): CachedScript {
  // Other flags and another V8 have other code: the tag tells them apart.
  const file = path.join(directory, `${hash}.${v8.cachedDataVersionTag().toString(16)}.code`);
  const cachedData = isPrivate(directory) ? wholeCode(file) : undefined;
  const script = new vm.Script(text, { filename, ...(cachedData && { cachedData }) });
  const isKept = cachedData !== undefined && script.cachedDataRejected === false;
  return {
    script,
    keep() {
      if (isKept || !isPrivate(directory)) return;
      const code = script.createCachedData();
      replace(file, Buffer.concat([digest(code), code]));
    },
  };
}

function wholeCode(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const code = bytes.subarray(digestLength);
    if (!digest(code).equals(bytes.subarray(0, digestLength))) return undefined;
    markUsed(file);
    return code;
  } catch {
    return undefined;
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
