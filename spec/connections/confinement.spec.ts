/** Grandchildren in containers have no more rights than what is in there. */
import assert from "node:assert/strict";
import { z } from "zod";
import { machined } from "../../connections/machined/index.js";
import { nsenter } from "../../connections/nsenter/index.js";
import { hopTypeOf } from "../../engine/model/hop.js";
import { evalInGrandchild, evaluateForm, type Form, form } from "../../zygote/index.js";
import { testbedUnavailable } from "../testbed/index.js";
import { scenario } from "../zygote/scenario.js";
import { confinements, few, inContainer, limits, withReplacing } from "./helpers/confined.js";
import { printsIn } from "./helpers/hostileTrees.js";

/** Beyond the hop, with that PATH until then. */
const enters = form("confinement.enters", {
  args: z.tuple([z.string(), z.string()]),
  evaluate: (path, name) => {
    process.env.PATH = path;
    const { hop, args } = machined(name);
    return evaluateForm(hopTypeOf(hop).enter?.(...args) as Form);
  },
});
const whoami = form("confinement.whoami", {
  args: z.tuple([]),
  evaluate: () => process.getuid?.() ?? -1,
});

await scenario(
  import.meta.url,
  ["forked"],
  {
    "the capabilities of its first process, and not those that it has dropped for itself": () =>
      inContainer(confinements.capabilities, async (leader, tree) => {
        const said = await printsIn(
          tree,
          [nsenter(leader.pid)],
          `${limits}; mknod /d b 7 0 || true`,
        );
        assert.match(
          said,
          new RegExp(`^CapEff:${few} CapBnd:${few} NoNewPrivs:0 mknod: .*not per`),
        );
      }),
    "no_new_privs where it has that": () =>
      inContainer(confinements["capabilities and no_new_privs"], async (leader, tree) => {
        const said = await printsIn(tree, [nsenter(leader.pid)], limits);
        assert.equal(said, `CapEff:${few} CapBnd:${few} NoNewPrivs:1`);
      }),
    "all where it has all: programs such as sudo go on working": () =>
      inContainer(confinements.nothing, async (leader, tree) => {
        const said = await printsIn(tree, [nsenter(leader.pid)], limits);
        const [, effective, bounding] = /^CapEff:(\w+) CapBnd:(\w+) NoNewPrivs:0$/.exec(said) ?? [];
        assert.equal(effective, bounding, said);
        assert.notEqual(effective, few);
      }),
    "a process whose number becomes that of another while it is looked for": () =>
      inContainer(confinements.nothing, (leader) =>
        withReplacing("machinectl", leader, async () => {
          const prerequest = enters(process.env.PATH ?? "", "web");
          const { error, value } = await evalInGrandchild(prerequest, whoami());
          assert.match(
            `${error?.code}: ${error?.message}`,
            /^E_HOP: machined web: .*(ENOENT|ESRCH)/,
          );
          assert.equal(value, undefined);
        }),
      ),
  },
  { unavailable: testbedUnavailable() },
);
