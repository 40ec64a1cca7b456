/** Pages of the manual, taken apart. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The text of a file of the source tree. */
export function textOf(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Whether the file or folder is in the source tree. */
export function isThere(file: string): boolean {
  return existsSync(path.join(root, file));
}

/** The part of the page below that heading, up to the next one that is not inside of it. */
export function section(text: string, heading: string): string {
  const depth = /^#+/.exec(heading)?.[0].length ?? 1;
  const [, after = ""] = text.split(`${heading}\n`);
  return after.split(new RegExp(`^#{1,${depth}} `, "m"))[0] ?? "";
}

/** The rows of all tables in the text, without their headings: the cells of each. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  const tables = text.match(/^\|.*\n\|[-|]+\n(?:\|.*\n)+/gm) ?? [];
  return tables.flatMap((table) =>
    table
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((line) =>
        line
          .slice(1, -1)
          .split(" | ")
          .map((cell) => cell.trim()),
      ),
  );
}

/** What stands between backticks in the text, less fenced blocks. */
export function codeIn(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** Those of the texts that name a file or folder of the source tree, or would. */
export function pathsIn(texts: readonly string[]): readonly string[] {
  const tops = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory());
  return texts.filter(
    (text) => /^[\w./-]+$/.test(text) && tops.some(({ name }) => text.startsWith(`${name}/`)),
  );
}
