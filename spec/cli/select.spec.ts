/** The words that choose hosts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { selectHosts } from "../../cli/consfig/select.js";
import { Unprepared } from "../../cli/preflight.js";
import { host, InvalidSelection, isError, UnknownHost } from "../../engine/index.js";
import * as fleet from "../../properties/fleet/index.js";
import * as os from "../../properties/os/index.js";
import { consfigOf, Scratch } from "./command.js";

const fleetOf = [
  host("db1.example.com", fleet.tagged("db", "eu")),
  host("web1.example.com", fleet.tagged("web"), fleet.tagged("eu")),
  host("web2.example.com", fleet.tagged("web", "us")),
  host("web10.example.com", fleet.tagged("web", "canary")),
  host("lone"),
];

async function chosen(...words: readonly string[]): Promise<string> {
  const { hosts } = await selectHosts(fleetOf, words);
  return hosts.map(({ host }) => host.split(".")[0]).join(" ");
}

describe("words choose hosts", () => {
  for (const [words, expected] of [
    ["", "db1 web1 web2 web10 lone"],
    ["LONE db1.example.com", "db1 lone"],
    ["web*", "web1 web2 web10"],
    ["web?.example.com", "web1 web2"],
    ["web[1-3].*", "web1 web2"],
    ["web[!1].*", "web2"],
    ["{web2,db[12]}.*", "db1 web2"],
    ["@web @db", "db1 web1 web2 web10"],
    ["@web !@canary", "web1 web2"],
    ["!@eu", "web2 web10 lone"],
    ["!web* !lone", "db1"],
    ["lone !web* db*", "db1 lone"],
  ] as const) {
    test(words || "none at all", async () => {
      assert.equal(await chosen(...words.split(" ").filter(Boolean)), expected);
    });
  }

  for (const [words, expected] of [
    ["wbe1.example.com", /is called wbe1.*did you mean web1\.example\.com/],
    ["web1", /is called web1.*did you mean web1\.example\.com or web10/],
    ["web9*", /is called web9\*/],
    ["@wbe", /is tagged wbe.*did you mean web\?/],
    ["!@wbe", /is tagged wbe/],
    ["@EU", /is tagged EU.*did you mean eu\?/],
    ["!!lone", /is called !lone/],
  ] as const) {
    test(`${words} chooses none, and similar ones are told`, async () => {
      await assert.rejects(chosen(words), (error) => {
        assert.ok(isError(error, UnknownHost));
        assert.match(`${error.message} ${error.hint}`, expected);
        return true;
      });
    });
  }

  for (const words of ["lone !lone", "web{1", "web[3-1]", "web1}"]) {
    test(`${words} means nothing`, async () => {
      await assert.rejects(chosen(...words.split(" ")), InvalidSelection);
    });
  }

  test("only a word that needs tags has hosts prepared, and those that cannot be are told", async () => {
    const broken = [
      host("ok", fleet.tagged("web")),
      host("broken", os.strictOsCase({ freebsd: fleet.tagged("web") })),
    ];
    assert.deepEqual((await selectHosts(broken, ["o*"])).hosts, [broken[0]]);
    await assert.rejects(selectHosts(broken, ["@web"]), (error) => {
      assert.ok(error instanceof Unprepared);
      assert.deepEqual(
        error.obstacles.map((one) => one.host),
        ["broken"],
      );
      return true;
    });
  });
});

describe("files of words", () => {
  const files = (t: { after(end: () => void): void }, contents: Record<string, string>) => {
    const scratch = new Scratch(t);
    for (const [name, content] of Object.entries(contents)) scratch.write(name, content);
    return (name: string) => `@${scratch.path(name)}`;
  };

  test("stand for the hosts that their words choose, and may name others beside them", async (t) => {
    const at = files(t, {
      "a.txt": "# the first ones\r\nweb1.example.com  lone # both\r\n\n@sub/b.txt",
      "sub/b.txt": "@./c.txt\n!web10.*",
      "sub/c.txt": "@canary db*",
    });
    assert.equal(await chosen(at("a.txt")), "db1 web1 lone");
    assert.equal(await chosen("*", `!${at("a.txt")}`), "web2 web10");
    assert.equal(await chosen(at("sub/b.txt"), "web10.*"), "db1 web10");
  });

  test("what is wrong in them is told with its place", async (t) => {
    const at = files(t, {
      "a.txt": "lone\nnobody",
      "empty.txt": "# nobody\n",
      "b.txt": "@c.txt",
      "c.txt": "lone @b.txt",
    });
    for (const [word, expected] of [
      [at("a.txt"), /nobody .*a\.txt:2$/],
      [at("empty.txt"), /empty\.txt has no word/],
      [at("missing.txt"), /missing\.txt cannot be read: ENOENT/],
      [at("."), /cannot be read: EISDIR/],
      [at("b.txt"), /name each other: .*b\.txt, .*c\.txt, .*b\.txt/],
    ] as const) {
      await assert.rejects(chosen(word), (error) => {
        assert.ok(isError(error, InvalidSelection) || isError(error, UnknownHost));
        assert.match(`${error.message} ${error.facts.at ?? ""}`.trim(), expected);
        return true;
      });
    }
  });
});

describe("commands take words", () => {
  const consfig = consfigOf(`
import * as fleet from "consfigurator/properties/fleet";
const at = (name: string) => import.meta.dirname + "/" + name;
export const web1 = host("web1", { deploy: [local()] }, fleet.tagged("web", "eu"), file.hasContent(at("web1"), "x"));
export const web2 = host("web2", { deploy: [local()] }, fleet.tagged("web"), file.hasContent(at("web2"), "x"));
export const jail = host("jail", fleet.tagged("web"));
`);

  test("hosts without a chain are left out unless they are called by name", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    for (const words of [["@web"], ["*"], ["!web2"], ["--only", "file", "@web"]]) {
      const { code, stderr } = await scratch.consfig("deploy", ...words);
      assert.equal(code, 0, stderr);
    }
    for (const words of [["jail"], ["@web", "jail"], ["j*"]]) {
      const { code, stderr } = await scratch.consfig("deploy", ...words);
      assert.equal(code, 1);
      assert.match(stderr, /jail .*(deploy|reached)/);
    }
  });

  test("apply tells words from expressions", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    scratch.write("some hosts.txt", "{web2,jail}");
    const expression = `file.hasContent(${JSON.stringify(scratch.path("a"))}, "x")`;
    const words = ["@./some hosts.txt", "@web", "!web[1]", "!@eu", expression];
    const { code, stderr } = await scratch.consfig("apply", ...words);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^web2 .*changed/m);
    assert.doesNotMatch(stderr, /^web1/m);
  });

  test("words are read from standard input, once", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    scratch.write("again.txt", "-");
    const reading = async (input: string, ...words: readonly string[]) => {
      const { child, ended } = scratch.start(["hosts", "--json", ...words]);
      child.stdin.end(input);
      return ended;
    };
    const some = await reading("@eu\njail", "-");
    assert.equal(some.code, 0, some.stderr);
    const rows = some.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      rows.map(({ host, tags }) => [host, tags]),
      [
        ["jail", ["web"]],
        ["web1", ["web", "eu"]],
      ],
    );
    for (const [input, words, expected] of [
      ["", ["-"], /E_SELECTION {2}standard input has no word/],
      ["web1", ["-", "@./again.txt"], /E_SELECTION {2}- is given twice/],
      ["web3", ["-"], /E_UNKNOWN_HOST[\s\S]*standard input:1/],
    ] as const) {
      const { code, stderr } = await reading(input, ...words);
      assert.equal(code, 1);
      assert.match(stderr, expected);
    }
  });

  test("standard input that is a terminal is not waited for", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    const command = `${process.execPath} ${new URL("../../joined/cli/main.js", import.meta.url).pathname} hosts -`;
    const { stdout } = await scratch.spawn(["script", "-qec", command, "/dev/null"]).ended;
    assert.match(stdout, /- stands for .* terminal/);
  });
});
