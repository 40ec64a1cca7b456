import { createHash } from "node:crypto";
import v8 from "node:v8";
import vm from "node:vm";

const digestLength = 32;

/** Where compiled code is kept, by the name of what it was compiled from. */
export interface CodeStore {
  readCode(name: string): Buffer | undefined;
  writeCode(name: string, code: Buffer): void;
}

/** A script, and what makes compiling it unnecessary the next time. */
export interface CachedScript {
  readonly script: vm.Script;
  /** Keeps the code of all functions that have run until now, unless it was there already. */
  keep(): void;
}

/**
 * Compiles the text of the module file, or takes the code that was kept. V8 checks the flags and the
 * version it was made with, and the length of the text; that the code is whole is checked here.
 */
export function cachedScript(
  text: string,
  filename: string,
  store: CodeStore,
  hash: string,
): CachedScript {
  // The tag tells V8's version and flags: with others the compiled code is not the same.
  const name = `${hash}.${v8.cachedDataVersionTag().toString(16)}.code`;
  const cachedData = whole(store.readCode(name));
  const script = new vm.Script(text, { filename, ...(cachedData && { cachedData }) });
  const isKept = cachedData !== undefined && script.cachedDataRejected === false;
  return {
    script,
    keep() {
      if (isKept) return;
      const code = script.createCachedData();
      store.writeCode(name, Buffer.concat([digest(code), code]));
    },
  };
}

function whole(bytes: Buffer | undefined): Buffer | undefined {
  const code = bytes?.subarray(digestLength);
  return code && digest(code).equals(bytes?.subarray(0, digestLength) ?? code) ? code : undefined;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
