/**
 * A consfig's modules: how long it takes to make them, how large they are, and how long a Node takes
 * from its start until they are loaded, beside the same modules from the files of the packages.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle } from "../engine/modules/bundle.js";
import type { ModuleSet } from "../engine/modules/moduleSet.js";
import { keepModules, modulePath } from "../engine/modules/store.js";
import { requiredFlags } from "../zygote/index.js";
import { medians, type Row } from "./figures.js";

const runs = 9;
const compiled = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const quickstart = fileURLToPath(new URL("../../examples/quickstart/consfig.ts", import.meta.url));

/** A row for the example, and one for a consfig with packages of its own. */
export async function modules(): Promise<readonly Row[]> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  try {
    return [
      await measured("quickstart", quickstart, path.join(scratch, "one")),
      await measured("with 3 packages", withPackages(scratch), path.join(scratch, "two")),
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function measured(consfig: string, file: string, scratch: string): Promise<Row> {
  const [cold, warm, bare] = ["cold", "warm", "bare"].map((name) => path.join(scratch, name)) as [
    string,
    string,
    string,
  ];
  const set = await bundle(file, warm);
  for (const directory of [warm, bare]) keepModules(directory, set.files);
  load(set, warm, "source.keepCode();");
  const times = await medians(runs, {
    bundleColdMs: async () => {
      rmSync(cold, { recursive: true, force: true });
      await bundle(file, cold);
    },
    bundleWarmMs: () => bundle(file, warm),
    emptyNodeMs: () => node(["--eval", "0"]),
    unbundledMs: () => node(["--input-type=module", "--eval", unbundled(set)]),
    loadMs: () => load(set, bare),
    loadWithCodeMs: () => load(set, warm),
  });
  const bytes = set.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const gzipBytes = set.files.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0);
  const own = set.files.find(({ name }) => name === "consfig")?.bytes.length ?? Number.NaN;
  return { consfig, ...times, bytes, gzipBytes, ownBytes: own };
}

function node(words: readonly string[]): void {
  execFileSync(process.execPath, [...requiredFlags, ...words], { stdio: "pipe" });
}

function load(set: ModuleSet, directory: string, then = ""): void {
  const [loader, from, id] = [modulePath(directory, set.loader), directory, set.id].map((text) =>
    JSON.stringify(text),
  );
  node([
    "--eval",
    `const { loadModules, ModulesDirectory } = require(${loader}); const source = new ModulesDirectory(${from}); const loaded = loadModules(source, ${id}); ${then}`,
  ]);
}

/** Imports of the same modules of ours, as a program does that has them installed. */
function unbundled({ shared }: ModuleSet): string {
  return shared
    .filter((id) => id.startsWith("consfigurator/"))
    .map((id) => `import ${JSON.stringify(compiled(id.replace("consfigurator/", "")))};`)
    .join("\n");
}

/** A consfig that imports three packages of 50 modules each. */
function withPackages(scratch: string): string {
  const names = ["one", "two", "three"];
  for (const name of names) {
    const directory = path.join(scratch, "node_modules", name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      path.join(directory, "package.json"),
      JSON.stringify({ name, version: "1.0.0", type: "module", exports: "./index.js" }),
    );
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    for (const i of numbers) {
      const functions = numbers.map((j) => `export function f${j}(x) { return x + ${i * j}; }`);
      writeFileSync(path.join(directory, `m${i}.js`), functions.join("\n"));
    }
    const index = numbers.map((i) => `export * as m${i} from "./m${i}.js";`);
    writeFileSync(path.join(directory, "index.js"), index.join("\n"));
  }
  const file = path.join(scratch, "consfig.ts");
  const imports = names.map((name) => `import { m7 as ${name} } from ${JSON.stringify(name)};`);
  writeFileSync(
    file,
    `${imports.join("\n")}
import { host } from "consfigurator";
import { local } from "consfigurator/connections/local";
import * as file from "consfigurator/properties/file";
const text = String([${names.map((name) => `${name}.f3(1)`).join(", ")}]);
export const bench = host("bench", { deploy: [local()] }, file.hasContent("/tmp/x", text));
`,
  );
  return file;
}
