// Types, lint, formatting, who may import whom, the lock file, and a doc comment on every public symbol.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { problems } from "./house.mjs";

await import("./setup.mjs");

const ok = [
  run("npx", "tsc", "-p", "tsconfig.json", "--noEmit"),
  run("npx", "biome", "check", "--error-on-warnings", "."),
  run("node", "scripts/lockFile.mjs"),
  run("node", "dist/spec/runner/checkSpecs.js"),
  inOrder(),
  allDocumented(),
];
process.exit(ok.every(Boolean) ? 0 : 1);

function run(program, ...args) {
  return spawnSync(program, args, { stdio: "inherit" }).status === 0;
}

/** Who imports whom is as the table of rooms says. */
function inOrder() {
  const all = problems();
  for (const one of all) console.error(one);
  return all.length === 0;
}

/** Exported functions, classes, types and constants of the folders that the package publishes. */
function allDocumented() {
  const bare = [
    "core",
    "zygote",
    "engine",
    "connections",
    "properties",
    "data",
    "inventories",
  ].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .flatMap((name) => undocumented(path.join(folder, name))),
  );
  for (const place of bare) console.error(`${place}: an exported symbol without a doc comment`);
  return bare.length === 0;
}

function undocumented(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    const declared =
      /^export (?:async |abstract )*(function|class|interface|type|const) (\w+)/.exec(line);
    if (!declared) return [];
    const [, sort, name] = declared;
    // The implementation and later overloads of a function are documented by the first one.
    const earlier = lines.slice(0, index).some((one) => one.startsWith(`export function ${name}`));
    if (sort === "function" && earlier) return [];
    const above = lines
      .slice(0, index)
      .reverse()
      .find((one) => !one.startsWith("//"));
    return above?.trimEnd().endsWith("*/") ? [] : [`${file}:${index + 1} ${name}`];
  });
}
