// The rooms of the house and who may import whom, as one table, and what breaks it.
//
//     node scripts/house.mjs            what breaks the rules, if anything does
//     node scripts/house.mjs --table    the table as Markdown
//     node scripts/house.mjs --write    puts the picture and the table into docs/architecture.md
//
// A file imports, types included, from its own room, and from the entries of rooms on lower floors. Rooms on
// one floor do not know each other. No file imports itself by way of others.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The floors, the lowest first. A room is a folder, without the rooms inside it. Each has an `index.ts`, which
 * is its entry; `entries` are further ones. `each`: every folder in it is such a room.
 */
export const floors = [
  [
    {
      room: "core",
      is: "what every room may need, and nothing about hosts or forks: plain data, semaphores, capped output, the base of all errors",
      entries: {
        "copies.ts": "where the compiled files of this package are",
        "definitions/index.ts": "tables of definitions by id, and where a person wrote them",
      },
    },
  ],
  [
    {
      room: "zygote",
      is: "forking, and nothing about hosts: the zygote and its serve loop, grandchildren, forms, frames",
      entries: {
        "client.ts": "what asks a zygote and speaks with its processes, and makes none",
        "server.ts": "what becomes a zygote, or makes one",
        "private.ts": "memory that nobody else looks at",
        "selftest.ts": "a program: whether this machine can fork",
        "separateMain.ts": "a program: a zygote beside its process",
        "pristine.ts": "a program: a process for one request, where none can be forked",
      },
    },
  ],
  [
    {
      room: "engine/base",
      is: "errors with codes, `Secret`, commands as words, text made harmless",
    },
  ],
  [
    {
      room: "engine/model",
      is: "what a consfig is written with: properties, combinators, hosts, hops, hostattrs, prerequisite data; and what a property sees of a host",
    },
  ],
  [
    {
      room: "engine/shell",
      is: "one persistent shell on a host: commands, their output and limits, how they are stopped, prompts answered on the way in",
    },
  ],
  [
    {
      room: "engine/files",
      is: "the only entrance to a host's paths: reading, looking, and writing a file as a whole",
    },
  ],
  [
    {
      room: "engine/prepare",
      is: "a host of the consfig made into plain data that can be applied: arguments checked, hostattrs said",
    },
  ],
  [
    {
      room: "engine/modules",
      is: "the consfig's modules as files that can be sent, kept and loaded elsewhere",
      entries: {
        "bundle.ts": "the compiler, which loads esbuild",
        "loader.ts": "a program: what a Node that has nothing else is given first",
        "running.ts": "a set of modules, loaded beside the running copy of this package",
      },
    },
  ],
  [
    {
      room: "engine/report",
      is: "what happens, told to listeners: events, items, counts, errors as data; secrets are hidden here",
      entries: { "errorCodec.ts": "errors as plain data, for those who know nothing of items" },
    },
  ],
  [
    {
      room: "engine/connect",
      is: "a connection: the shell at the end of a chain of hops, its connattrs, the host's lock",
    },
  ],
  [
    {
      room: "engine/apply",
      is: "a prepared propspec applied over one connection: checks, changes, sequences, subdeployments",
    },
  ],
  [
    {
      room: "engine/remote",
      is: "where a chain leads: a shell, a grandchild or a Node image; orders to other processes, and the data that a host keeps",
      entries: { "image/serve.ts": "a program: a Node image on a managed host" },
    },
  ],
  [
    {
      room: "engine/executable",
      is: "a form, or a host's deployment, as one file that needs nothing else",
      entries: { "begin.ts": "a program: what an executable does" },
    },
  ],
  [
    {
      room: "engine/deploy",
      is: "one host deployed, from the first attempt to connect to its report: retries, the time limit",
    },
  ],
  [
    {
      room: "engine/fleet",
      is: "many hosts deployed: how many at once, which may begin, on which thread",
      entries: {
        "attrs.ts": "what the consfig says of hosts for the sake of fleets: tags and limits",
        "result.ts": "what came of one host, for those who only show it",
        "thread.ts": "a program: a pool thread",
      },
    },
  ],
  [
    {
      room: "engine/journal",
      is: "the record that each run leaves on disk: written meanwhile, read for reports and by `resume`",
    },
  ],
  [{ room: "engine", is: "the public entry of the package" }],
  [
    {
      each: "connections",
      is: "a type of hop: how it is opened or entered, e.g. `ssh` and its known_hosts",
    },
    { each: "properties", is: "a domain of properties, e.g. `apt`" },
    { each: "data", is: "a source of prerequisite data, e.g. `pass`" },
  ],
  [{ each: "inventories", is: "a reader of other tools' lists of hosts" }],
  [
    {
      room: "cli",
      is: "the `consfig` command: its options, the choice of hosts, what people and programs are shown",
      entries: { "main.ts": "the program" },
    },
  ],
];

/** Rooms on one floor that may all the same know each other, and only the entry of that name. */
const siblings = {
  connections: ["index.ts", "shared.ts"],
  properties: ["index.ts", "shared.ts"],
  data: ["index.ts", "shared.ts"],
};
/** What a folder of the package has for other folders of it, and does not publish. */
const unpublished = "shared.ts";

/** What some rooms may know of those below them: others may know them all. */
const only = {
  connections: /^(core|engine)/,
  properties: /^(core|engine)/,
  data: /^(core|engine)/,
  // Of ssh its reader of ssh_config.
  inventories: /^(core|engine|connections\/ssh$)/,
};

/** Packages that are loaded by import() alone: they start threads or processes, or take long. */
const later = ["esbuild", "piscina", "ssh2", "typescript", "yaml"];
/** It runs where piscina has been loaded. */
const afterwards = ["engine/fleet/thread.ts"];

/** What is loaded only when it is needed, by whom, and why. */
const lazy = {
  "engine/modules/bundle.ts": "esbuild is loaded by those who compile",
  "engine/modules/build.ts": "esbuild is loaded by those who compile",
  "engine/modules/requirements.ts": "the compiler is loaded by those who compile",
  "engine/modules/running.ts": "modules that a consfig names",
  "engine/fleet/thread.ts": "modules that the root process has loaded",
  "engine/fleet/pool.ts": "piscina starts threads: after the zygote was forked",
  "zygote/separateMain.ts": "modules that its process names",
  "zygote/pristine.ts": "modules that its process names",
  "connections/ssh/ssh2Transport.ts": "ssh2: after the zygote was forked, and by those who connect",
  "inventories/ansible/yaml.ts": "yaml is loaded by those who read some",
  cli: "each command loads what it needs",
};

/** What is not in the files of a room, and why. */
const without = {
  "properties/file": {
    pattern: /\bhost\.(run|query|test)\(/,
    why: "files are changed by the host's own methods: a command goes wherever a path leads by then",
  },
};

process.chdir(new URL("..", import.meta.url).pathname);

/** All rooms, with the number of their floor. */
const rooms = floors.flatMap((floor, level) =>
  floor.flatMap(({ room, each, ...rest }) =>
    room !== undefined
      ? [{ room, level, ...rest }]
      : readdirSync(each).map((name) => ({ room: `${each}/${name}`, each, level, ...rest })),
  ),
);

function roomOf(file) {
  return rooms
    .filter(({ room }) => file.startsWith(`${room}/`))
    .sort((a, b) => b.room.length - a.room.length)[0];
}

function floorOf(file) {
  const { each, room } = roomOf(file) ?? {};
  return each ?? room;
}

function isEntry({ room, entries = {}, each }, file) {
  const name = file.slice(room.length + 1);
  return name === "index.ts" || name in entries || (each !== undefined && name === unpublished);
}

/** The relative imports of a file, and what it loads by `import()`. */
function importsOf(file) {
  const text = readFileSync(file, "utf8");
  const at = (index) => text.slice(0, index).split("\n").length;
  const fixed = text.matchAll(/^(?:import|export)\s[^;"']*?\bfrom\s+"(\.[^"]+)";/gm);
  const bare = text.matchAll(/^import\s+"(\.[^"]+)";/gm);
  const loads = text.matchAll(/^(?!\s*(?:\/\/|\*|\/\*)).*?\bimport\(\s*([^)]*)\)/gm);
  const early = text.matchAll(/^import\s(?!type\b)[^;"']*?\bfrom\s+"([^."][^"]*)";/gm);
  const target = (name) => path.join(path.dirname(file), name).replace(/\.js$/, ".ts");
  return [
    ...[...early].map((one) => ({ of: one[1], line: at(one.index) })),
    ...[...fixed, ...bare].map((one) => ({ to: target(one[1]), line: at(one.index) })),
    ...[...loads]
      // The type of a module loads nothing.
      .filter((one) => !/typeof import\($/.test(one[0].slice(0, one[0].indexOf(one[1]))))
      .map((one) => ({
        to: /^"\./.test(one[1]) ? target(one[1].slice(1, -1)) : undefined,
        line: at(one.index),
        isLazy: true,
      })),
  ];
}

function problemOf(file, { to, of, isLazy, line }) {
  const place = `${file}:${line}`;
  if (later.includes(of) && !afterwards.includes(file))
    return `${place}: ${of} is loaded by import(), when it is needed`;
  if (isLazy && !Object.keys(lazy).some((one) => file === one || file.startsWith(`${one}/`))) {
    return `${place}: loads something by import(): only those on the list in scripts/house.mjs do`;
  }
  if (to === undefined) return undefined;
  const [from, into] = [roomOf(file), roomOf(to)];
  if (!into) return `${place}: ${to} is in no room; nothing but specs and benches imports it`;
  if (!from || from.room === into.room) return undefined;
  const areSiblings = from.each !== undefined && from.each === into.each;
  if (areSiblings) {
    const allowed = siblings[from.each] ?? [];
    if (allowed.includes(to.slice(into.room.length + 1))) return undefined;
    return `${place}: of ${into.room} it may import ${allowed.map((one) => `${into.room}/${one}`).join(" or ") || "nothing"}`;
  }
  const isBelow = into.level < from.level && (only[from.each]?.test(into.room) ?? true);
  if (!isBelow) {
    const right = areNeighbours(from, into)
      ? "a room below both"
      : `${into.room}, or a room above it`;
    return `${place}: ${from.room} may not know ${into.room}: what needs it belongs into ${right}`;
  }
  if (isEntry(into, to)) {
    return undefined;
  }
  const entries = ["index.ts", ...Object.keys(into.entries ?? {})].map(
    (one) => `${into.room}/${one}`,
  );
  return `${place}: ${to} is inside ${into.room}; its entry is ${entries.join(", or ")}`;
}

/** Whether both are folders of the kind that do not know each other. */
function areNeighbours(one, other) {
  return one.each !== undefined && other.each !== undefined;
}

/** The lines that do what no file of their room does. */
function forbiddenIn(file) {
  const { pattern, why } = without[roomOf(file)?.room] ?? {};
  if (!pattern) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${why}`] : []));
}

/** Files that import themselves by way of others. */
function circles(imports) {
  const found = [];
  const done = new Set();
  const way = [];
  const visit = (file) => {
    if (way.includes(file)) {
      const circle = way.slice(way.indexOf(file));
      if (
        !found.some((one) => one.length === circle.length && circle.every((f) => one.includes(f)))
      ) {
        found.push(circle);
      }
      return;
    }
    if (done.has(file)) return;
    way.push(file);
    for (const { to, isLazy } of imports.get(file) ?? []) if (to && !isLazy) visit(to);
    way.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  // A circle through several rooms breaks the rule of floors, which says so.
  const inOneRoom = (circle) => new Set(circle.map((file) => floorOf(file))).size === 1;
  return found.filter(inOneRoom).map((circle) => `${circle.join(" → ")} → ${circle[0]}`);
}

/** Everything that is not as the table says. */
export function problems() {
  const tops = [...new Set(floors.flat().map(({ room, each }) => (room ?? each).split("/")[0]))];
  const files = tops.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .map((name) => path.join(folder, name)),
  );
  const imports = new Map(files.map((file) => [file, importsOf(file)]));
  return [
    ...files.filter((file) => !roomOf(file)).map((file) => `${file}: is in no room`),
    ...rooms
      .filter(({ room }) => room !== "cli")
      .filter(
        ({ room, each }) =>
          ![`${room}/index.ts`, each && `${room}/${unpublished}`].some(
            (one) => one && existsSync(one),
          ),
      )
      .map(({ room }) => `${room}: has no index.ts`),
    ...[...imports].flatMap(([file, all]) => all.flatMap((one) => problemOf(file, one) ?? [])),
    ...files.flatMap(forbiddenIn),
    ...circles(imports).map((circle) => `in a circle: ${circle}`),
    ...(withPicture() === readFileSync(page, "utf8")
      ? []
      : [`${page}: the rooms are not those of the table: node scripts/house.mjs --write`]),
  ];
}

/** The table as Markdown, the highest floor first. */
function table() {
  const lines = floors
    .toReversed()
    .flatMap((floor) =>
      floor.flatMap(({ room, each, is, entries = {} }) => [
        `| \`${room ?? `${each}/*`}\` | ${is} |`,
        ...Object.entries(entries).map(([name, what]) => `| \`${room}/${name}\` | ${what} |`),
      ]),
    );
  return ["| room | what it is |", "|---|---|", ...lines].join("\n");
}

/** The rooms as a text picture: each line is a floor, the highest first. */
function picture() {
  const lines = floors.map((floor, level) => {
    const names = floor.map(({ room, each }) => room ?? `${each}/*`).join("   ");
    return `${String(level + 1).padStart(2)}   ${names}`;
  });
  return ["```", ...lines.toReversed(), "```"].join("\n");
}

const page = "docs/architecture.md";
const [begin, end] = ["<!-- made by scripts/house.mjs: begin -->", "<!-- end -->"];

/** The page with the picture and the table of now. */
function withPicture() {
  const [before, rest = ""] = readFileSync(page, "utf8").split(begin);
  const after = rest.split(end).slice(1).join(end);
  return [before, begin, "\n", picture(), "\n\n", table(), "\n", end, after].join("");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (process.argv.includes("--table")) console.log(table());
  else if (process.argv.includes("--write")) writeFileSync(page, withPicture());
  else {
    const all = problems();
    for (const one of all) console.error(one);
    process.exit(all.length === 0 ? 0 : 1);
  }
}
