/** Whatever fails, and wherever: each error has one line, and nothing around it is said to be well. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { HostLog } from "../../../cli/render/log.js";
import { noPaint } from "../../../cli/render/paint.js";
import { isWell } from "../../../engine/fleet/result.js";
import {
  concurrently,
  type DeploymentEvent,
  deploys,
  described,
  FailedChange,
  hopType,
  host,
  inOrder,
  keepGoing,
  type Outcome,
  onChange,
  onceWithFlagFile,
  over,
  type Propspec,
  posixProperty,
  propList,
  reapplied,
  silently,
  unapplied,
  withHome,
} from "../../../engine/index.js";
import { combinator } from "../../../engine/model/combinator.js";
import { isWhole } from "../../helpers/seed.js";
import fc from "../../helpers/seeded.js";
import { type Steps, step, steps } from "../../helpers/steps.js";

/** Every error that was thrown since the last time they were taken. */
const thrown: string[] = [];
let count = 0;

function failure(): FailedChange {
  const text = `failure ${++count}`;
  thrown.push(text);
  return new FailedChange(text);
}

const fails = posixProperty<[how: string]>("lines.fails", {
  args: z.tuple([z.string()]),
  desc: (how) => `fails ${how}`,
  apply: async (_on, how) => {
    const error = failure();
    if (how === "breaks") throw new RangeError(error.message);
    throw error;
  },
  unapply: async () => {
    throw failure();
  },
});
/** Applies one that fails, and goes on. */
const partly = posixProperty<[]>("lines.partly", {
  args: z.tuple([]),
  apply: (on): Promise<Outcome> => on.apply(keepGoing(fails("in part"), step("in part"))),
});
const handles = posixProperty<[]>("lines.handles", {
  args: z.tuple([]),
  apply: async (on) => {
    await on.apply(fails("in part")).catch(() => {});
    return "unchanged";
  },
});
const looksBadly = posixProperty<[]>("lines.looksBadly", {
  args: z.tuple([]),
  // It may be asked ahead of its turn, which may not come.
  check: async () => {
    throw new FailedChange("it cannot be seen");
  },
  apply: async () => "changed",
});
const atEnd = posixProperty<[]>("lines.atEnd", {
  args: z.tuple([]),
  apply: async (on) => {
    on.atEnd(async () => {
      throw failure();
    });
    return "changed";
  },
});
const listed = propList("lines.listed", {
  args: z.tuple([]),
  props: () => [keepGoing(fails("in a list"), step("in a list"))],
});

const when = z.enum(["before", "between", "after"]);
const combine = combinator<[when: z.infer<typeof when>]>("lines.throws", {
  args: z.tuple([when]),
  apply: async (run, { props }, when) => {
    if (when === "before") throw failure();
    const outcome = await run.apply(props[0]);
    if (when === "between") throw failure();
    for (const prop of props.slice(1)) await run.apply(prop);
    if (when === "after") throw failure();
    return outcome;
  },
  unapply: (run, { props }) => run.sequence(props, { direction: "unapply" }),
});
const throws = (how: z.infer<typeof when>, ...props: readonly Propspec[]): Propspec<"posix"> =>
  combine([how], props);

/** A person's own combinator that goes on after a failure. */
const tolerant = combinator<[]>("lines.tolerant", {
  args: z.tuple([]),
  apply: async (run, { props }) => {
    for (const prop of props) await run.apply(prop).catch(() => {});
    return "unchanged";
  },
  unapply: (run, { props }) => run.sequence(props, { direction: "unapply" }),
});

/** Another shell. */
const inner = hopType<"posix", []>("lines.inner", {
  gives: "posix",
  args: z.tuple([]),
  desc: () => "inner",
  wrap: async (_context, shell) => ({ words: [...shell] }),
});

let shells = 0;
/** Three shells can be had, as with a server's limit of sessions. */
const scarce = hopType<"posix", []>("lines.scarce", {
  gives: "posix",
  args: z.tuple([]),
  desc: () => "scarce",
  wrap: async (_context, shell) => ({ words: ++shells > 3 ? ["false"] : [...shell] }),
});

type Any = Propspec<"posix", true>;
const well: readonly (() => Propspec)[] = [
  () => step(`step ${++count}`),
  () => step(`step ${++count}`, "unchanged"),
];
const bad: readonly (() => Propspec)[] = [
  () => fails("itself"),
  () => fails("breaks"),
  partly,
  looksBadly,
  atEnd,
  listed,
  () => throws("before", step(`left ${++count}`), step(`left ${++count}`)),
  () => throws("between", step(`done ${++count}`), step(`left ${++count}`)),
  () => throws("after", step(`done ${++count}`)),
  () => withHome({ user: "nobody-of-that-name" }, step(`left ${++count}`)),
  () => onceWithFlagFile("/dev/null/flag", step(`left ${++count}`)),
  () => onceWithFlagFile("/proc/none/flag", step(`left ${++count}`)),
];
const groups: readonly ((...props: readonly Propspec[]) => Propspec)[] = [
  inOrder,
  keepGoing,
  silently,
  (...props) => described(`group ${++count}`, ...props),
  (...props) => described(`group ${++count}`, keepGoing(...props)),
  (...props) => concurrently(...props),
  (first = step("x"), ...rest) => onChange(first, ...rest),
  (...props) => withHome({ directory: "/" }, ...props),
  (...props) => deploys([inner()], host("inner.example", ...(props as Any[]))),
  (...props) => over([inner()], ...(props as Any[])),
  (...props) => tolerant([], props),
  (...props) => throws("after", ...props),
  (first = step("x")) => reapplied(first as Any),
  (first = step("x")) => unapplied(unapplied(first as Any)),
];

const leaf = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...well) },
  { weight: 2, arbitrary: fc.constantFrom(...bad) },
);
const { tree } = fc.letrec<{ tree: () => Propspec }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    leaf,
    fc.tuple(fc.constantFrom(...groups), fc.array(tie("tree"), { minLength: 1, maxLength: 4 })).map(
      ([group, props]) =>
        () =>
          group(...props.map((make) => make())),
    ),
  ),
}));

type Ended = DeploymentEvent & { type: "ended" };

/** All that has to be so, whatever was applied. */
function assertTrue({ report, events }: Steps): void {
  const errors = thrown.splice(0);
  const log = new HostLog(report.host, { verbosity: 0, paint: noPaint, nameWidth: 1 });
  const lines = events.flatMap((event) => log.after(event)).join("\n");
  for (const text of errors) {
    const told = lines.match(new RegExp(`^E_.*\\b${text}\\b`, "gm")) ?? [];
    assert.equal(told.length, 1, `${text} is told ${told.length} times:\n${lines}`);
  }
  const ended = events.filter((event): event is Ended => event.type === "ended");
  const failed = ended.filter(({ ending }) => ending.outcome === "failed");
  for (const { item, ending } of ended) {
    if (ending.outcome !== "changed" && ending.outcome !== "unchanged") continue;
    const inside = failed
      .filter(({ item: { path } }) => /^[./]/.test(path.slice(item.path.length)))
      .filter(({ item: inner }) => inner.path.startsWith(item.path) && inner.depth > item.depth);
    // What is unapplied and then applied ends twice: the first time it may have been well.
    const again = ended.filter((one) => one.item.path === item.path).length > 1;
    assert.ok(again || inside.length === 0, `${item.desc} is told as ${ending.outcome}:\n${lines}`);
  }
  const counts = { changed: 0, unchanged: 0, failed: 0, notReached: 0, interrupted: 0 };
  for (const { item, ending } of ended) {
    if (item.depth > 0 || (ending.outcome === "notReached" && !ending.needed)) continue;
    counts[ending.outcome]++;
  }
  assert.deepEqual({ interrupted: 0, ...report.counts }, counts);
  const failures = new Set(
    [...report.failures.map(({ error }) => error), report.error ?? []].flat(),
  );
  assert.equal((lines.match(/^E_/gm) ?? []).length, failures.size, lines);
  assert.ok(failures.size >= Math.min(1, errors.length));
  assert.equal(isWell({ host: report.host, report }), failures.size === 0, lines);
  const running = new Set<string>();
  for (const event of events) {
    if (event.type === "started") running.add(event.item.path);
    if (event.type === "ended") running.delete(event.item.path);
  }
  assert.deepEqual([...running], []);
}

describe("an error", () => {
  test("of any property or combinator, at any place, has one line", async () => {
    const numRuns = isWhole ? 3000 : 80;
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 3 }), async (makers) => {
        thrown.length = 0;
        const props = makers.map((make) => make());
        assertTrue(await steps(keepGoing(...props)));
      }),
      { numRuns },
    );
  });

  test("of a combinator alone names it, and what was not reached", async () => {
    const { report, lines } = await steps(
      keepGoing(withHome({ user: "nobody-of-that-name" }, step("a"), step("b")), step("c")),
    );
    assert.deepEqual(lines, ["a notReached", "b notReached", "withHome failed", "c changed"]);
    assert.deepEqual(report.counts, { changed: 1, unchanged: 0, failed: 1, notReached: 2 });
    assert.equal(isWell({ host: report.host, report }), false);
  });

  test("keeps what is to be done once from being done where the flag cannot be made", async () => {
    const { called } = await steps(keepGoing(onceWithFlagFile("/dev/null/flag", step("a"))));
    assert.deepEqual(called, []);
  });

  test("of each shell that cannot be had has a line, at what it was for", async () => {
    shells = 0;
    const all = [step("a"), step("b"), step("c"), step("d")];
    const { report, lines } = await steps(over([scarce()], keepGoing(concurrently(...all))));
    assert.equal(report.failures.length, 2, lines.join());
    assert.equal(new Set(report.failures.map(({ error }) => error)).size, 2);
    assert.equal(lines.filter((line) => /^[a-d] failed$/.test(line)).length, 2);
    assert.equal(lines.filter((line) => /^[a-d] changed$/.test(line)).length, 2);
    assert.match(lines.at(-1) ?? "", /^over .* failed$/);
  });

  test("that a property has handled is none", async () => {
    const { report, lines } = await steps(handles());
    assert.deepEqual([lines, report.failures.length], [["lines.handles unchanged"], 0]);
  });
});

test("a deployment of another host that changes nothing is told as unchanged", async () => {
  const other = host("inner.example", step("a", "unchanged"), step("b", "unchanged"));
  const { report, lines } = await steps(deploys([inner()], other));
  assert.equal(lines.at(-1), "inner.example deployed over inner unchanged");
  assert.equal(report.changed, false);
});
