/** Properties that do nothing but say what was called, for specs of what calls them. */
import { z } from "zod";
import { local } from "../../connections/local/index.js";
import type { Earlier } from "../../engine/apply/terms.js";
import { deployPrepared } from "../../engine/deploy/deployment.js";
import {
  AbortedChange,
  type DeploymentEvent,
  type DeploymentReport,
  FailedChange,
  host,
  hostattr,
  inOrder,
  type Outcome,
  type Propspec,
  posixProperty,
} from "../../engine/index.js";
import { findDataOnce } from "../../engine/model/data.js";
import { prepareHost, withOnly } from "../../engine/prepare/prepare.js";

/** What was called since the last {@link steps}. */
const called: string[] = [];

const behaviour = z.enum(["changed", "unchanged", "fails", "aborts", "breaks"]);
type Behaviour = z.infer<typeof behaviour>;

function behave(name: string, how: Behaviour): Promise<Outcome> {
  called.push(name);
  if (how === "fails") return Promise.reject(new FailedChange(`${name} failed`));
  if (how === "aborts") return Promise.reject(new AbortedChange(`${name} aborted`));
  if (how === "breaks") return Promise.reject(new RangeError(`${name} broke`));
  return Promise.resolve(how);
}

const args = z.tuple([z.string(), behaviour.exactOptional()]);

/** Applied: says its name. Unapplied: says its name with a minus before it. */
export const step = posixProperty<[name: string, how?: Behaviour]>("steps.step", {
  args,
  desc: (name) => name,
  apply: (_host, name, how = "changed") => behave(name, how),
  unapply: (_host, name, how = "changed") => behave(`-${name}`, how),
});

/** Like step, and cannot be unapplied. */
export const forGood = posixProperty<[name: string, how?: Behaviour]>("steps.forGood", {
  args,
  desc: (name) => name,
  apply: (_host, name, how = "changed") => behave(name, how),
});

/** Like step, with a check that says `name?` and gives the answer. */
export const checked = posixProperty<[name: string, holds: boolean, how?: Behaviour]>(
  "steps.checked",
  {
    args: z.tuple([z.string(), z.boolean(), behaviour.exactOptional()]),
    desc: (name) => name,
    check: async (_host, name, holds) => {
      called.push(`${name}?`);
      return holds;
    },
    apply: (_host, name, _holds, how = "changed") => behave(name, how),
    unapply: (_host, name, _holds, how = "changed") => behave(`-${name}`, how),
  },
);

/** A hostattr for specs. */
export const note = hostattr("steps.note", z.string());

/** Says a note of the host, and nothing else. */
export const noted = posixProperty<[text: string]>("steps.noted", {
  args: z.tuple([z.string()]),
  desc: (text) => `noted ${text}`,
  hostattrs: (attrs, text) => attrs.push(note, text),
});

/** What a deployment of the properties to this machine called, reported and told. */
export interface Steps {
  readonly called: readonly string[];
  readonly report: DeploymentReport;
  readonly events: readonly DeploymentEvent[];
  /** `desc outcome` of every line of the report, in order. */
  readonly lines: readonly string[];
}

/** The properties are applied, in order, to this machine. */
export function steps(...props: readonly Propspec[]): Promise<Steps> {
  return stepsAfter(undefined, ...props);
}

/** The properties are applied, in order, to this machine, after a run that came as far as that. */
export async function stepsAfter(
  earlier: Earlier | undefined,
  ...props: readonly Propspec[]
): Promise<Steps> {
  called.length = 0;
  const events: DeploymentEvent[] = [];
  const prepared = prepareHost(withOnly(host("steps.example"), inOrder(...props)));
  const about = { hostname: prepared.name, data: findDataOnce() };
  const report = await deployPrepared([local()], prepared, about, {
    listener: (event) => events.push(event),
    ...(earlier ? { earlier } : {}),
  });
  const lines = events.flatMap((event) =>
    event.type === "ended" ? [`${event.item.desc} ${event.ending.outcome}`] : [],
  );
  return { called: [...called], report, events, lines };
}
