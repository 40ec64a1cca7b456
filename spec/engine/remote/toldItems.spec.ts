/** What another process may tell of an order: all that can happen, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import {
  type DeploymentEvent,
  deploy,
  deploys,
  described,
  FailedChange,
  host,
  inOrder,
  inOrderUntil,
  keepGoing,
  onApplyChange,
  onChange,
  over,
  type Propspec,
  posixProperty,
  propList,
  reapplied,
  silently,
  unapplied,
  withUnapply,
} from "../../../engine/index.js";
import type { Prepared } from "../../../engine/model/index.js";
import { prepareHost } from "../../../engine/prepare/index.js";
import { ToldItems } from "../../../engine/remote/toldItems.js";
import type { ApplicationEvent } from "../../../engine/report/index.js";
import { draws, isWhole } from "../../helpers/seed.js";
import fc from "../../helpers/seeded.js";

class NotForHere extends FailedChange {
  static override readonly code = "E_NOT_FOR_HERE";
}

const ends = z.enum(["changed", "unchanged", "fails", "isNotForHere"]);
type Ends = z.infer<typeof ends>;
const act = async (how: Ends) => {
  if (how === "fails") throw new FailedChange("it failed");
  if (how === "isNotForHere") throw new NotForHere("it is not for here");
  return how;
};
const ending = posixProperty<[how: Ends]>("told.ending", {
  args: z.tuple([ends]),
  desc: (how) => how,
  apply: (_host, how) => act(how),
  unapply: (_host, how) => act(how),
});
const holding = posixProperty<[holds: boolean]>("told.holding", {
  args: z.tuple([z.boolean()]),
  desc: (holds) => `holds: ${holds}`,
  check: async (_host, holds) => holds,
  apply: async () => "changed",
  unapply: async () => "changed",
});
const listed = propList("told.listed", {
  args: z.tuple([z.boolean(), ends]),
  desc: (holds) => `list that holds: ${holds}`,
  check: async (_host, holds) => holds,
  props: (_holds: boolean, how: Ends) => [ending(how), holding(false)],
});

/** Some fail when they are unapplied, which is a way to end, too. */
const revertable = (propspec: Propspec<"posix">) => propspec as unknown as Propspec<"posix", true>;

const inner = fc.letrec<{ one: Propspec<"posix", true> }>((tie) => {
  const some = fc.array(tie("one"), { minLength: 1, maxLength: 3 });
  const two = fc.tuple(tie("one"), tie("one"));
  return {
    one: fc.oneof(
      { maxDepth: 3, depthSize: "medium" },
      fc.constantFrom<Ends>("changed", "unchanged", "fails", "isNotForHere").map(ending),
      fc.boolean().map(holding),
      some.map((props) => inOrder(...props)),
      some.map((props) => keepGoing(...props)),
      some.map((props) => silently(...props)),
      some.map((props) => described("some", ...props)),
      some.map((props) => inOrderUntil(NotForHere, ...props)),
      some.map((props) => revertable(over([local()], ...props))),
      some.map((props) => revertable(deploys([local()], host("inner", ...props)))),
      two.map(([one, other]) => onChange(one, other)),
      two.map(([one, other]) => onApplyChange(one, other)),
      two.map(([one, other]) => withUnapply([one], [other])),
      tie("one").map((one) => revertable(reapplied(one))),
      tie("one").map((one) => unapplied(one)),
      fc
        .tuple(fc.boolean(), fc.constantFrom<Ends>("changed", "fails"))
        .map(([holds, how]) => listed(holds, how)),
    ),
  };
}).one;

const place = { depth: 0, silent: false, within: "" };
const refuse = (what: string): never => {
  throw new Error(what);
};

async function happened(propspec: Propspec<"posix">) {
  const events: DeploymentEvent[] = [];
  const it = host("it", { deploy: [local()] }, propspec);
  const report = await deploy([local()], it, [], { listener: (event) => events.push(event) });
  const told = events.filter(
    (event) => event.type === "started" || event.type === "ended",
  ) as ApplicationEvent[];
  return { told, report, prepared: prepareHost(it).propspec as Prepared };
}

const withoutHost = ({ host: _, ...event }: ApplicationEvent & { host?: string }) => event;

test("whatever happens is believed, and is what was told", async () => {
  await fc.assert(
    fc.asyncProperty(inner, async (propspec) => {
      const { told, report, prepared } = await happened(propspec);
      const items = new ToldItems(prepared, place, refuse);
      for (const event of told) {
        assert.deepEqual(withoutHost(items.take(event)), withoutHost(event));
      }
      if (!report.error) assert.ok(items.areComplete);
    }),
    { numRuns: isWhole ? 300 : 25 },
  );
});

test("what is told twice, in part, or of other items is not believed", async () => {
  const random = draws();
  const propspec = keepGoing(
    ending("changed"),
    described("both", ending("fails"), holding(false)),
    onChange(ending("changed"), holding(true)),
  );
  const { told, prepared } = await happened(propspec);
  const takeAll = (events: readonly ApplicationEvent[]) => {
    const items = new ToldItems(prepared, place, refuse);
    for (const event of events) items.take(event);
    return items;
  };
  assert.ok(takeAll(told).areComplete);
  for (const event of told) assert.throws(() => takeAll([...told, event]), /item/);
  for (const [at, event] of told.entries()) {
    if (event.type === "inform") continue;
    const before = told.slice(0, at);
    const invented = { ...event, item: { ...event.item, path: `${random(100)}.x` } };
    assert.throws(() => takeAll([...before, invented]), /an item that there is not/);
    // An event that is not told is missed at the latest when the end is told. (What follows upon a
    // change need not come to its turn.)
    if (event.item.depth > 0 || event.item.path === "0.0.2.1") continue;
    const without = told.filter((other) => other !== event);
    assert.throws(() => assert.ok(takeAll(without).areComplete), `without ${at}`);
  }
});

test("items are called what they are called here", () => {
  const prepared = prepareHost(host("it", ending("changed"))).propspec;
  const items = new ToldItems(prepared, place, refuse);
  const item = { path: "0.0", depth: 7, desc: "other", id: "x", silent: true };
  const event = items.take({ type: "started", item });
  assert.ok(event.type === "started");
  const { path, depth, desc, id, silent } = event.item;
  assert.deepEqual([path, depth, desc, id, silent], ["0.0", 0, "changed", "told.ending", true]);
});
