import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { containsBlock, lacksBlock } from "../../../../properties/file/editing/block.js";
import {
  iniValues,
  setIniSettings,
  unsetIniSettings,
} from "../../../../properties/file/editing/ini.js";
import { containsLines, lacksLines } from "../../../../properties/file/editing/lines.js";
import {
  type SettingsFormat,
  setSettings,
  settingValues,
  unsetSettings,
} from "../../../../properties/file/editing/settings.js";
import { fstab, setTableEntries } from "../../../../properties/file/editing/table.js";
import fc from "../../../helpers/seeded.js";

const of = (...choices: string[]) => fc.constantFrom(...choices);

/** Files full of what the editing rules are about, and files of any characters at all. */
function texts(...keys: string[]): fc.Arbitrary<string> {
  const end = of("\n", "\n", "\n", "\r\n");
  const line = fc.oneof(
    fc.tuple(
      of("", "", "", "  ", "\t", "    "),
      of("", "", "", "", "#", "# ", ";", "; ", "## "),
      of(...keys, ...keys, "other", "export other", "words of prose", "/path", "[s]", "[t]"),
      of("=", " = ", "  =", " ", "\t", "", ", "),
      of("1", "2", "x y", "x,", '"x', "'y", "z'", "", "1 # one", "$x", "\\", "1 \\", "#", "=1"),
    ),
    fc.tuple(of("", "", "[s]", "[t]", "[]", "  ", "  [s]", "  more,", "# prose", "\\")),
  );
  const lines = fc.array(fc.tuple(line, end).map(([parts, ending]) => parts.join("") + ending));
  const whole = fc.tuple(of("", "", "", "\uFEFF"), lines, of("", "", "last", " \\"));
  const anything = fc.string({
    unit: fc.oneof(of("\n", "\r", " ", "=", "#"), fc.string({ maxLength: 1 })),
  });
  return fc.oneof(
    { arbitrary: whole.map(([mark, all, last]) => mark + all.join("") + last), weight: 5 },
    anything,
  );
}

const value = of("1", "2", "x y", "x,", "", "a = b", "# x", "=1", "[s]", "'q");
const pairs = fc.array(fc.tuple(of("key", "other", "k/ey"), value), { maxLength: 3 });
const variables = fc.array(fc.tuple(of("key", "other"), value), { maxLength: 3 });
const triples = fc.array(
  fc.tuple(of("s", "t", "", "new"), of("key", "other", "k/ey", "a b"), value),
  { maxLength: 3 },
);
const formats: readonly SettingsFormat[] = ["space", "tab", "equals", "unspaced", "shell"];
const withEnd = (text: string) => text === "" || text.endsWith("\n") || text === "\uFEFF";

function holds<Values extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [N in keyof Values]: fc.Arbitrary<Values[N]> },
  law: (...values: Values) => void,
): void {
  const numRuns = Number(process.env.LAW_RUNS ?? 1000);
  it(name, () => fc.assert(fc.property(...arbitraries, law), { numRuns }));
}

for (const format of formats) {
  describe(`settings, ${format}`, () => {
    const wanted = format === "shell" ? variables : pairs;
    holds(
      "hold after one run, and a second changes nothing",
      [texts("key", "key", "k/ey"), wanted],
      (text, settings) => {
        const result = setSettings(text, format, settings);
        for (const [key, last] of new Map(settings)) {
          assert.deepEqual(settingValues(result, format, key), [last]);
        }
        assert.equal(setSettings(result, format, settings), result);
        if (result !== text) assert.ok(withEnd(result));
      },
    );

    holds(
      "hold with several values",
      [texts("key"), fc.array(value, { maxLength: 3 })],
      (text, values) => {
        const result = setSettings(text, format, { key: values });
        assert.deepEqual(settingValues(result, format, "key"), values);
        assert.equal(setSettings(result, format, { key: values }), result);
      },
    );

    holds("are gone when unset", [texts("key")], (text) => {
      const result = unsetSettings(text, format, ["key"]);
      assert.deepEqual(settingValues(result, format, "key"), []);
      assert.equal(unsetSettings(result, format, ["key"]), result);
    });

    holds(
      "leave the text as it was when set anew and unset",
      [texts("my"), value],
      (text, once) => {
        fc.pre(withEnd(text) && !/\\\r*\n$|key/.test(text));
        assert.equal(
          unsetSettings(setSettings(text, format, { key: once }), format, ["key"]),
          text,
        );
      },
    );

    holds(
      "leave the other lines alone",
      [
        fc.array(of("key=1", "#key = 2", "key\t3", "a=1", " b = 2", "# c", "", "d", "x\ty\r")),
        of("1", "x y", "z"),
      ],
      (lines, once) => {
        const others = (text: string) => text.split("\n").filter((line) => !line.includes("key"));
        const text = lines.map((line) => `${line}\n`).join("");
        assert.deepEqual(others(setSettings(text, format, { key: once })), others(text));
      },
    );
  });
}

describe("ini settings", () => {
  holds(
    "hold after one run, and a second changes nothing",
    [texts("key", "key", "k/ey", "a b"), triples],
    (text, settings) => {
      const result = setIniSettings(text, settings);
      const last = new Map(settings.map((setting) => [`${setting[0]}.${setting[1]}`, setting]));
      for (const [section, key, wanted] of last.values()) {
        assert.deepEqual(iniValues(result, section, key), [wanted]);
      }
      assert.equal(setIniSettings(result, settings), result);
      if (result !== text) assert.ok(withEnd(result));
    },
  );

  holds(
    "hold with several values",
    [texts("key"), fc.array(value, { maxLength: 3 })],
    (text, values) => {
      const result = setIniSettings(text, [["s", "key", values]]);
      assert.deepEqual(iniValues(result, "s", "key"), values);
      assert.equal(setIniSettings(result, [["s", "key", values]]), result);
    },
  );

  holds("are gone when unset", [texts("key")], (text) => {
    const result = unsetIniSettings(text, [["s", "key"]]);
    assert.deepEqual(iniValues(result, "s", "key"), []);
    assert.equal(unsetIniSettings(result, [["s", "key"]]), result);
  });

  holds(
    "leave the text as it was when set anew and unset",
    [texts("my"), of("s", "t", "new", ""), value],
    (text, section, once) => {
      fc.pre(withEnd(text) && !/\\\r*\n|key/.test(text) && !/\[\w\].*\s*$/.test(text));
      assert.equal(
        unsetIniSettings(setIniSettings(text, [[section, "key", once]]), [[section, "key"]]),
        text,
      );
    },
  );
});

describe("lines, blocks and tables", () => {
  const line = of(
    "a",
    "b",
    "",
    "# BEGIN x",
    "# END x",
    "/dev/x /a ext4",
    "/dev/y /a/b ext4",
    "z none swap",
  );
  const text = fc.oneof(
    fc.array(line).map((lines) => lines.join("\n")),
    texts("a"),
  );

  holds("second runs change nothing", [text], (before) => {
    const edits: readonly ((old: string) => string)[] = [
      (old) => containsLines(old, ["a", "c"]),
      (old) => lacksLines(old, ["a"]),
      (old) => containsBlock(old, "x", ["a", "c"]),
      (old) => lacksBlock(old, "x"),
      (old) =>
        setTableEntries(old, fstab, ["none /a ext4", "/dev/z / ext4", "y none swap", "x /a/b/c e"]),
    ];
    for (const edit of edits) assert.equal(edit(edit(before)), edit(before));
  });

  holds("a new block goes without a trace", [text], (before) => {
    fc.pre(withEnd(before) && !/^# (BEGIN|END) x/m.test(before));
    assert.equal(lacksBlock(containsBlock(before, "x", ["a"]), "x"), before);
  });
});
