/** docs/events.md has every event and every member: those of the types, and those of a real run. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorFacts } from "../../core/index.js";
import type {
  Counts,
  DeploymentEvent,
  DeploymentReport,
  Ending,
  Item,
} from "../../engine/report/index.js";
import { consfigOf, Scratch } from "../cli/command.js";
import { codeIn, rowsOf, section, textOf } from "./page.js";

const text = textOf("docs/events.md");

type Event<T extends DeploymentEvent["type"]> = Extract<DeploymentEvent, { type: T }>;
/** A name for each member: the compiler refuses one too few and one too many. */
type Names<T> = Readonly<Record<Exclude<KeysOf<T>, "host" | "type">, true>>;
type KeysOf<T> = T extends unknown ? keyof T : never;

const events: { readonly [T in DeploymentEvent["type"]]: Names<Event<T>> } = {
  connecting: { chain: true },
  connected: { chain: true, durationMs: true },
  retrying: { attempt: true, afterMs: true, error: true },
  started: { item: true },
  ended: { item: true, ending: true, durationMs: true },
  inform: { level: true, text: true },
  finished: { report: true },
};
const item: Names<Item> = {
  path: true,
  depth: true,
  desc: true,
  id: true,
  at: true,
  silent: true,
  unapplied: true,
};
const ending: Names<Ending> = { outcome: true, error: true, reason: true, needed: true };
const report: Names<DeploymentReport> = {
  chain: true,
  changed: true,
  counts: true,
  failures: true,
  error: true,
  durationMs: true,
  leftRunning: true,
  traffic: true,
};
const counts: Names<Counts> = {
  changed: true,
  unchanged: true,
  failed: true,
  interrupted: true,
  notReached: true,
};
const outcomes: Readonly<Record<Ending["outcome"], true>> = counts;
const traffic: Names<NonNullable<DeploymentReport["traffic"]>> = {
  commands: true,
  roundTrips: true,
  bytesSent: true,
  bytesReceived: true,
};
const left: Names<NonNullable<DeploymentReport["leftRunning"]>[number]> = {
  pid: true,
  command: true,
};
const fact: keyof ErrorFacts = "hint";

/** The members that the table below the heading has. */
function documented(heading: string): readonly string[] {
  return rowsOf(section(text, heading)).map(([member = ""]) => member.replaceAll("`", ""));
}

/** The names that the row of that member has in backticks. */
function named(heading: string, member: string): readonly string[] {
  const rows = rowsOf(section(text, heading));
  return codeIn(rows.find(([first]) => first === `\`${member}\``)?.[1] ?? "");
}

function assertNames(heading: string, names: object, more: readonly string[] = []): void {
  const all = [...Object.keys(names), ...more];
  assert.deepEqual(documented(heading).toSorted(), all.toSorted(), heading);
}

describe("docs/events.md", () => {
  test("has the events of a host as their types are", () => {
    const headings = [...section(text, "## Events of a host").matchAll(/^### `(\w+)`$/gm)];
    assert.deepEqual(
      headings.map(([, name]) => name),
      Object.keys(events),
    );
    for (const [name, members] of Object.entries(events)) assertNames(`### \`${name}\``, members);
  });

  test("has items, endings and reports as their types are", () => {
    assertNames("### Item", item);
    assertNames("### Ending", ending);
    assertNames("### Report", report, ["host"]);
    assertNames("### Error", { code: true, message: true, facts: true, [fact]: true });
    assert.deepEqual(named("### Ending", "outcome"), Object.keys(outcomes));
    assert.deepEqual(named("### Report", "counts"), Object.keys(counts));
    assert.deepEqual(named("### Report", "traffic"), Object.keys(traffic));
    assert.deepEqual(named("### Report", "leftRunning"), Object.keys(left));
  });

  test("has what is printed in a real run", async (t) => {
    const scratch = new Scratch(t);
    const file = JSON.stringify(scratch.path("made"));
    scratch.write(
      "consfig.ts",
      consfigOf(`
import { unapplied } from "consfigurator";
export const one = host("one", { deploy: [local()] },
  file.hasContent(${file}, "x"),
  unapplied(file.existsWithContent(${file}, "x")),
  cmd.single(sh\`false\`),
);
`),
    );
    const printed = async (...words: readonly string[]) => {
      const { stdout } = await scratch.consfig(...words);
      return stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const base = ["v", "type", "host"];
    const all = [
      ...(await printed("deploy", "--json", "-vvv")),
      ...(await printed("deploy", "two", "--json")),
    ];
    const seen = new Set(all.map(({ type }) => String(type)));
    for (const name of ["connecting", "connected", "started", "ended", "inform", "finished"]) {
      assert.ok(seen.has(name), name);
    }
    assert.ok(seen.has("summary") && seen.has("error"));
    const known = (value: unknown, heading: string, more: readonly string[] = []) => {
      const members = [...documented(heading), ...more];
      const others = Object.keys(Object(value)).filter((one) => !members.includes(one));
      assert.deepEqual(others, [], heading);
    };
    for (const event of all) {
      known(event, `### \`${event.type}\``, base);
      known(event.item, "### Item");
      known(event.ending, "### Ending");
      known(event.report, "### Report");
      known(event.error, "### Error");
    }
    const { hosts } = all.find(({ type }) => type === "summary") as { hosts: object[] };
    const ofHost = named("### `summary`", "hosts");
    for (const host of hosts) {
      assert.deepEqual(
        Object.keys(host).filter((one) => !ofHost.includes(one)),
        [],
      );
    }
    for (const [words, type] of [
      [["hosts"], "host"],
      [["runs"], "run"],
    ] as const) {
      const [row = {}] = await printed(...words, "--json");
      assert.equal(row.type, type);
      const cells = rowsOf(section(text, "## Rows of other commands"));
      const line = cells.find(([, cell]) => cell === `\`${type}\``);
      const members = ["v", "type", ...codeIn(line?.[2] ?? "")];
      assert.deepEqual(
        Object.keys(row).filter((one) => !members.includes(one)),
        [],
      );
    }
  });
});
