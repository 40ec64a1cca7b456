/**
 * Executables: how long one takes to make, how large it is, and how long it takes from its start until
 * its form is evaluated; beside a Node with nothing to do, the same program as one bundled file, and
 * unbundled. Of the Node that runs this: another one is measured with it first on the PATH.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { dumpExecutable, useModulesOf } from "../engine/index.js";
import { medians, milliseconds, type Row } from "./figures.js";

const runs = 9;
const root = fileURLToPath(new URL("../../", import.meta.url));

const consfig = `
import { form, host } from "consfigurator";
import * as apt from "consfigurator/properties/apt";
import * as file from "consfigurator/properties/file";
import * as systemd from "consfigurator/properties/systemd";
import { z } from "zod";
export const done = form("bench.done", { args: z.tuple([]), evaluate: () => process.exit() });
export const it = host("it", file.hasContent("/etc/motd", "x"), apt.installed("nginx"), systemd.started("nginx"));
`;
const program = `
import "./consfig.mjs";
import { evaluateForm } from "consfigurator/zygote";
evaluateForm({ form: "bench.done", args: [] });
`;

/** A row for each way; milliseconds and MiB. */
export async function executable(): Promise<readonly Row[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  const at = (name: string) => path.join(directory, name);
  try {
    mkdirSync(at("node_modules"));
    symlinkSync(root, at("node_modules/consfigurator"));
    symlinkSync(path.join(root, "node_modules/zod"), at("node_modules/zod"));
    writeFileSync(at("consfig.mjs"), consfig);
    writeFileSync(at("program.mjs"), program);
    const url = `require("url").pathToFileURL(${JSON.stringify(path.join(root, "dist/engine/index.js"))}).href`;
    await build({
      entryPoints: [at("program.mjs")],
      outfile: at("bundle.cjs"),
      bundle: true,
      platform: "node",
      external: ["ssh2", "esbuild", "chalk", "commander", "typescript"],
      define: { "import.meta.url": "__url" },
      banner: { js: `const __url = ${url};` },
      logLevel: "error",
    });
    useModulesOf(at("consfig.mjs"));
    const task = { prerequest: null, request: { form: "bench.done", args: [] } };
    const dump = () => dumpExecutable(at("executable"), task);
    const madeMs = await milliseconds(dump);
    const sameMs = await milliseconds(dump);
    const bytes = readFileSync(at("executable"));
    const packed = gzipSync(bytes, { level: 1 });
    const run = (file: string, ...words: readonly string[]) => execFileSync(file, words);
    const times = await medians(runs, {
      "node with nothing to do": () => run(process.execPath, "-e", "0"),
      "node bundle.cjs": () => run(process.execPath, at("bundle.cjs")),
      "node, unbundled": () => run(process.execPath, at("program.mjs")),
      executable: () => run(at("executable")),
    });
    const own = times.executable ?? Number.NaN;
    return [
      ...Object.entries(times).map(([way, ms]) => ({
        node: process.version,
        way,
        ms,
        timesExecutable: ms / own,
      })),
      { node: process.version, way: "making it", ms: madeMs, timesExecutable: "" },
      {
        node: process.version,
        way: "seeing that it is made of the same",
        ms: sameMs,
        timesExecutable: "",
      },
      {
        node: process.version,
        way: "its size, MiB",
        ms: bytes.length / 2 ** 20,
        timesExecutable: "",
      },
      {
        node: process.version,
        way: "compressed by gzip -1, MiB",
        ms: packed.length / 2 ** 20,
        timesExecutable: "",
      },
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}
