// Joins the compiled files in `dist/` into few, in `dist/joined/`: the command `consfig` runs from there.
// Node takes a quarter of a millisecond for each file that it loads, and the command would load 400.
//
// What is imported or started by a name stays a file of that name, and code that several of these share is in
// a file of its own: so there is one instance of each module, for the command and for the consfig. zod is
// among them.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { entryOf, importable, modulesIn } from "../dist/engine/modules/index.js";
import { floors } from "./house.mjs";

const dist = path.resolve("dist");
const joined = path.join(dist, "joined");

const folders = new Set(floors.flat().map(({ room, each }) => (room ?? each).split("/")[0]));
// Sources are what is listed: what was compiled from one that is gone may still lie in `dist/`.
const compiled = [...folders].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => path.join(folder, name.replace(/ts$/, "js"))),
);

/** What other processes and threads are started with: a file that is named by its URL. */
const programs = compiled.flatMap((file) => {
  const text = readFileSync(path.join(dist, file), "utf8");
  const named = text.matchAll(/new URL\("([\w./]+\.js)", import\.meta\.url\)/g);
  return [...named].map(([, name]) => path.join(path.dirname(file), name));
});
const imported = [
  "engine/index.js",
  "engine/fleet/index.js",
  "zygote/index.js",
  ...importable.flatMap((folder) => modulesIn(folder).map((name) => entryOf(folder, name))),
];
const entries = new Set(["cli/main.js", ...imported, ...programs]);

/** Below it a file is where it would be if it were not joined to others. */
const place = "joined:place";

/** `import.meta` goes on to tell of the file that the code was compiled to. */
const places = {
  name: "places",
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${place}$`) }, () => ({
      path: place,
      namespace: place,
    }));
    build.onLoad({ filter: /^/, namespace: place }, () => ({
      contents: 'export const place = new URL("../", import.meta.url);',
    }));
    build.onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      const text = readFileSync(file, "utf8");
      const name = path.relative(dist, file);
      // A program is where it was, and what follows `?` in its URL is for it.
      const isElsewhere = file.startsWith(dist) && !programs.includes(name);
      if (!isElsewhere || !text.includes("import.meta.")) return undefined;
      const before = `
        import { place as __place } from ${JSON.stringify(place)};
        const __url = new URL(${JSON.stringify(name)}, __place).href;\n`;
      const own = text
        .replaceAll("import.meta.url", "__url")
        .replaceAll('import.meta.resolve("zod")', 'new URL("zod.js", __place).href');
      return { contents: before + own };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [
    ...[...entries].map((file) => ({
      in: path.join(dist, file),
      out: file.slice(0, -".js".length),
    })),
    { in: "zod", out: "zod" },
    { in: place, out: "core/place" },
  ],
  outdir: joined,
  // At the depth at which `place` is.
  chunkNames: "core/[hash]",
  bundle: true,
  splitting: true,
  write: false,
  format: "esm",
  platform: "node",
  target: "node20",
  // esbuild would give two classes of the same name different names.
  keepNames: true,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
  // There is none, as in the files that these are made of. esbuild would put something in its place.
  define: { require: "undefined" },
  // They are loaded when they are needed, or are no ES modules.
  external: ["chalk", "commander", "esbuild", "piscina", "ssh2", "typescript", "yaml"],
  plugins: [places],
});

const wanted = new Map(outputFiles.map((file) => [file.path, file.contents]));
mkdirSync(joined, { recursive: true });
const present = readdirSync(joined, { recursive: true })
  .map((name) => path.join(joined, name))
  .filter((file) => statSync(file).isFile());
// What is as it should be stays untouched: it may be running.
for (const file of present) {
  const bytes = wanted.get(file);
  if (!bytes) rmSync(file);
  else if (Buffer.compare(readFileSync(file), bytes) === 0) wanted.delete(file);
}
for (const [file, bytes] of wanted) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
