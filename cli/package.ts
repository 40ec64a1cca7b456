import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compiledUrl } from "../core/copies.js";

/** The folder with this package's `package.json`. */
export const packageUrl = new URL("../", compiledUrl);

/** The path of a compiled file, e.g. `properties/apt/index.js`. */
export function compiledPath(file: string): string {
  return fileURLToPath(new URL(file, compiledUrl));
}

/** This package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL("package.json", packageUrl), "utf8");
  return String((JSON.parse(text) as { version?: unknown }).version);
}
