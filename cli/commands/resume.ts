import type { z } from "zod";
import { JournalDamaged, UsageError } from "../../engine/base/index.js";
import { type Run, readRun } from "../../engine/journal/index.js";
import { type AnewOptions, recorded } from "../commandLine/options.js";
import { runsOf } from "../consfig/find.js";
import { apply } from "./apply.js";
import { deploy } from "./deploy.js";
import { dump } from "./dump.js";

/**
 * A run goes on: the hosts that did not end well are deployed, as that run's command line had it. What
 * is known to be done of a host whose properties are the same is not done again.
 *
 * @throws UnknownRun, RunGoesOn, JournalFailed; UsageError when nothing is left to do
 */
export async function resume(wanted: string, options: AnewOptions): Promise<number> {
  const resumed = await readRun(wanted, runsOf(options));
  const left = [...resumed.hosts.values()].filter(({ state }) => state !== "ok");
  if (left.length === 0) {
    throw new UsageError(`nothing is left to do of the run ${resumed.id}`, {
      hint: "consfig report tells what it came to",
    });
  }
  return again(
    resumed,
    left.map(({ host }) => host),
    options,
  );
}

function again(
  resumed: Run,
  hosts: readonly string[],
  { consfig: _, ...anew }: AnewOptions,
): Promise<number> {
  const { name, words } = resumed.command;
  const about = { ...anew, consfig: resumed.consfig, resumed };
  switch (name) {
    case "deploy":
      return deploy(hosts, { ...optionsOf(resumed, recorded.deploy), ...about });
    case "apply": {
      const options = optionsOf(resumed, recorded.apply);
      return apply([...hosts, ...words], { ...options, ...about, all: false });
    }
    case "dump":
      return dump(hosts, { ...optionsOf(resumed, recorded.dump), ...about });
    default:
      throw noCommand(resumed, `${name} is no command that can go on`);
  }
}

/**
 * The options of the command that the run was begun by: another version of this program may have
 * recorded them, and what there was not then is as if it had not been said. @throws JournalDamaged
 */
function optionsOf<S extends z.ZodObject>(run: Run, schema: S): z.output<S> {
  const { success, data, error } = schema.safeParse(run.command.options);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw noCommand(run, problems.join("; "));
}

function noCommand({ id }: Run, why: string): JournalDamaged {
  return new JournalDamaged(`the run ${id} has recorded no command that can go on: ${why}`, {
    hint: "deploy again; consfig report tells what that run came to",
  });
}
