import type { Tags } from "yaml";
import { InvalidInventory } from "../../engine/index.js";
import type { Value } from "./value.js";

/**
 * What Ansible's YAML, which is of version 1.1, takes for something else than our library does: the
 * sort of a value, an example of it, and all that is of the sort.
 */
const sorts: readonly (readonly [tag: string, example: string, all: RegExp])[] = [
  ["bool", "true", /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/],
  ["bool", "false", /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/],
  ["int", "12", /^[-+]?(?:0|[1-9][0-9_]*)$/],
  ["int", "017", /^[-+]?0_*[0-7][0-7_]*$/],
  ["int", "1:30", /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/],
  ["float", "1e3", /^[-+]?[0-9][0-9_]*\.[0-9_]*[eE][-+][0-9]+$/],
  ["float", "1.5", /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/],
];

/** Values that JSON cannot say stay text. */
const text = /:(?:timestamp|binary|set|omap|pairs)$/;

/**
 * What the YAML (or JSON) says. Dates stay text, as do whole numbers that are too large.
 *
 * @throws InvalidInventory when it is none, or has an encrypted value
 */
export async function parseYaml(text: string, file: string): Promise<Value> {
  const { LineCounter, parseDocument, visit } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: "1.1",
    uniqueKeys: false,
    intAsBigInt: true,
    customTags: asAnsible,
    lineCounter,
  });
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line ?? 1;
    const message = error.message.split("\n")[0]?.replace(/ at line .*$/, "");
    throw new InvalidInventory(`no YAML: ${message}`, { at: `${file}:${line}` });
  }
  visit(document, {
    Node(_key, { tag, range }) {
      if (tag !== "!vault" && tag !== "!vault-encrypted") return;
      throw encrypted(`${file}:${lineCounter.linePos(range?.[0] ?? 0).line}`);
    },
  });
  // Only what JSON can say is left: see the tags.
  return document.toJS({
    reviver: (_key, value) => (typeof value === "bigint" ? numberOrText(value) : value),
  }) as Value;
}

/** The error for what only somebody with the vault's password can read. */
export function encrypted(at: string): InvalidInventory {
  return new InvalidInventory("a value is encrypted with ansible-vault, and is not read", {
    at,
    hint: "keep it as prerequisite data (e.g. in pass), and read an inventory without it",
  });
}

function asAnsible(tags: Tags): Tags {
  return tags.flatMap((tag): Tags => {
    if (typeof tag !== "object") return [tag];
    if (text.test(tag.tag)) return [];
    if (!("test" in tag) || tag.test === undefined) return [tag];
    const { test } = tag;
    if (test.test(".nan")) return [];
    const [, , all = test] =
      sorts.find(([sort, example]) => tag.tag.endsWith(`:${sort}`) && test.test(example)) ?? [];
    return [{ ...tag, test: all }];
  });
}

function numberOrText(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
