/**
 * Grandchildren in containers. There is no daemon here to ask for one: a stand-in program tells the
 * number of a real process in namespaces of its own.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import os from "node:os";
import { z } from "zod";
import { podman } from "../../connections/podman/index.js";
import type { Hop } from "../../engine/index.js";
import { hopTypeOf } from "../../engine/model/hop.js";
import { evalInGrandchild, evaluateForm, form } from "../../zygote/index.js";
import { testbedUnavailable } from "../testbed/index.js";
import { hasCommand } from "../testbed/machine.js";
import { scenario } from "../zygote/scenario.js";
import {
  nspawnIsEntered,
  type Refusal,
  standInsTell,
  withoutPrograms,
} from "./helpers/containers.js";

const word = z.union([
  z.string(),
  z.number(),
  z.record(z.string(), z.union([z.string(), z.boolean()])),
]);

/** Beyond the hop, with that PATH until then. */
const enters = form("containers.enters", {
  args: z.tuple([z.string(), z.string(), z.array(word)]),
  evaluate: (path, hop, args) => {
    process.env.PATH = path;
    const enter = hopTypeOf(hop).enter?.(...args);
    assert.ok(enter);
    return evaluateForm(enter);
  },
});
const look = form("containers.look", {
  args: z.tuple([]),
  evaluate: () => `${os.hostname()} ${process.env.INSIDE} ${readdirSync("/")}`,
});

async function looks({ hop, args }: Hop): Promise<unknown> {
  const prerequest = enters(process.env.PATH ?? "", hop, args as string[]);
  const { value, error } = await evalInGrandchild(prerequest, look());
  if (error) throw new Error(`${error.code}: ${error.message}`);
  return value;
}

const refusal: Refusal = (says) => (error) => {
  assert.match(String(error), /E_HOP/);
  assert.match(String(error), says);
  return true;
};

await scenario(
  import.meta.url,
  ["forked"],
  {
    "stand-ins for docker, podman, lxc-info and machinectl tell the process": () =>
      standInsTell(looks, refusal),
    "programs that are missing": () =>
      withoutPrograms(() =>
        assert.rejects(looks(podman("web")), /E_HOP: podman web: podman is not installed/),
      ),
    "a container of systemd-nspawn, where there is that": async () => {
      if (hasCommand("systemd-nspawn")) await nspawnIsEntered(looks, refusal);
    },
  },
  { unavailable: testbedUnavailable() },
);
