/** docs/words.md: every word is where the page says. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { codeIn, isThere, rowsOf, section, textOf } from "./page.js";

const text = textOf("docs/words.md");
const [definitions = ""] = text.split("## One word with two meanings");
const rows = rowsOf(definitions);

/** The words that everything is said with. */
const needed = [
  ...["host", "property", "propapp", "propspec", "combinator", "hostattrs", "connattrs", "hop"],
  ...["chain, connection chain", "deployment", "consfig", "prerequisite data", "iden1", "iden2"],
  ...["version", "root process", "Node image", "zygote", "grandchild", "pool thread", "form"],
  ...["prerequest", "request", "kind", "item", "ending", "room", "floor", "entry", "lane"],
];

/** Whether the file, or the `index.ts` of the folder, declares that name. */
function declares(place: string, name: string): boolean {
  const source = textOf(place.endsWith("/") ? `${place}index.ts` : place);
  const word = name.replaceAll("$", "\\$");
  return [
    `(?:function|class|interface|type|const|let)\\s+${word}\\b`,
    `^\\s*(?:readonly |static |async |get )*#?${word}\\??\\s*[(:<]`,
    `^(?:static )?\\w+ \\*?${word}\\(`,
  ].some((pattern) => new RegExp(pattern, "m").test(source));
}

describe("docs/words.md", () => {
  test("has every word that is needed, once", () => {
    const words = rows.map(([word]) => word);
    assert.deepEqual(
      words.filter((word, i) => words.indexOf(word) < i),
      [],
    );
    assert.deepEqual(
      needed.filter((word) => !words.includes(word)),
      [],
    );
  });

  for (const [word = "", meaning = "", where = ""] of rows) {
    test(word, () => {
      assert.match(meaning, /^[A-Z].*\.$/, "the meaning is no sentence");
      const places = where.split("; ");
      for (const place of places) {
        const names = [...codeIn(place)];
        const file = names.pop() ?? "";
        assert.ok(isThere(file), `there is no ${file}`);
        for (const name of names) {
          assert.ok(declares(file, name), `${file} declares no ${name}`);
        }
      }
    });
  }

  test("tells apart what has two meanings", () => {
    const homonyms = rowsOf(section(text, "## One word with two meanings"));
    assert.ok(homonyms.length > 0);
    assert.ok(homonyms.every((cells) => cells.length === 3));
  });
});
