/** docs/architecture.md: every file that it names is there, and its picture is that of the rooms. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { codeIn, isThere, pathsIn, rowsOf, section, textOf } from "./page.js";

const text = textOf("docs/architecture.md");

/** In a path these stand for a name that does not exist yet. */
const placeholder = /\b(NAME|FILE)\b/;

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
