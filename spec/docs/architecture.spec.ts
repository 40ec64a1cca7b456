/** docs/architecture.md: every file that it names is there, and its picture is that of the rooms. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { codeIn, isThere, pathsIn, rowsOf, section, textOf } from "./page.js";

const text = textOf("docs/architecture.md");

/** In a path these stand for a name that does not exist yet. */
const placeholder = /\b(NAME|FILE)\b/;

/** A row of the table can be an entry, or a row of rooms. */
function isRoom(name: string): boolean {
  return !/\.ts$|\*$/.test(name) && name !== "cli";
}

/** The comment with which the `index.ts` of the room begins; empty if it begins with none. */
function headOf(room: string): string {
  return /^\/\*\*[\s\S]*?\*\//.exec(textOf(`${room}/index.ts`))?.[0] ?? "";
}

describe("docs/architecture.md", () => {
  test("names only files and folders that are there", () => {
    const named = pathsIn(codeIn(text)).filter((one) => !placeholder.test(one));
    assert.ok(named.length > 100, "most of the page are such names");
    assert.deepEqual(
      named.filter((one) => !isThere(one)),
      [],
    );
    const folders = pathsIn(codeIn(text)).filter((one) => placeholder.test(one));
    const missing = folders.filter((one) => !isThere(one.split(placeholder)[0] ?? ""));
    assert.deepEqual(missing, []);
  });

  test("has the ways of a text, a request and an event through rooms that the table knows", () => {
    const rooms = rowsOf(section(text, "## Rooms and floors")).map(([room]) => room);
    const passed = [...text.matchAll(/\*\*`([^`]+)`\*\*/g)].map(([, room = ""]) => room);
    assert.ok(passed.length > 10);
    const unknown = passed.filter((room) => {
      const row = `\`${room.replace(/\/.*/, "/*")}\``;
      return !rooms.includes(`\`${room}\``) && !rooms.includes(row);
    });
    assert.deepEqual(unknown, []);
  });

  test("says of no thing that it takes more files than it should", () => {
    const most = { "### A command": 2, "### An option of a deployment": 4, "### A property": 2 };
    for (const [heading, files] of Object.entries(most)) {
      const rows = rowsOf(section(text, heading));
      assert.ok(rows.length > 0 && rows.length <= files, heading);
    }
  });

  test("is right in that each room's index.ts begins with what the room is", () => {
    const rows = rowsOf(section(text, "## Rooms and floors"));
    const rooms = rows.map(([room = ""]) => room.replaceAll("`", "")).filter(isRoom);
    assert.ok(rooms.length > 15);
    const silent = rooms.filter((room) => !headOf(room).includes("This room"));
    assert.deepEqual(silent, []);
    const domains = readdirSync(new URL("../../../properties/", import.meta.url));
    const bare = domains.filter((name) => !headOf(`properties/${name}`).startsWith("/**"));
    assert.deepEqual(bare, []);
  });

  test("and README.md list every page", () => {
    const pages = readdirSync(new URL("../../../docs/", import.meta.url)).filter((name) =>
      name.endsWith(".md"),
    );
    const readme = textOf("README.md");
    assert.deepEqual(
      pages.filter((name) => !readme.includes(`](docs/${name})`)),
      [],
    );
  });
});
