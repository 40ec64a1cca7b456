import { z } from "zod";
import { ownHome } from "../../core/index.js";
import { form } from "../../zygote/client.js";
import { type ConsfigError, MissingData, printable, printableLines } from "../base/index.js";
import { type DataItem, dataItem, hopThat } from "../model/index.js";
import { continueDeployId, preparedFromWire } from "../prepare/index.js";
import { foreignPartOfData, keptItem } from "../remote/index.js";
import type { DeploymentEvent } from "../report/index.js";
import { deployPrepared } from "./deployment.js";

/** The exit code that the command has when some hosts failed. */
const failed = 3;

// This form applies what the host is to have, on this machine. It tells changes on stdout and failures on
// stderr. Without any it prints nothing, so that cron has no mail to send.
form(continueDeployId, {
  args: z.tuple([z.unknown()]),
  evaluate: async (value) => {
    const host = preparedFromWire(value);
    // Properties and commands look at HOME.
    process.env.HOME ??= ownHome();
    const controller = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => controller.abort());
    }
    const about = { hostname: host.name, data: keptData };
    const { signal } = controller;
    const told = new Set<ConsfigError>();
    const { error, failures } = await deployPrepared([hopThat("isHere")], host, about, {
      listener: (event) => tell(event, told),
      signal,
    });
    if (error && !told.has(error)) console.error(printableLines(error.message));
    if (error || failures.length > 0) process.exitCode = failed;
  },
});

/** An error also ends what is around the item that it arose in: it is told once. */
function tell(event: DeploymentEvent, told: Set<ConsfigError>): void {
  if (event.type !== "ended") return;
  const { ending, item, host } = event;
  const what = printable(item.desc);
  if (ending.outcome === "changed" && !item.silent) console.log(`${host}  changed  ${what}`);
  if (ending.outcome === "interrupted") console.error(`${host}  interrupted  ${what}`);
  if (ending.outcome !== "failed" || told.has(ending.error)) return;
  told.add(ending.error);
  const { message, facts, hint } = ending.error;
  console.error(`${host}  failed  ${what}\n  ${printableLines(message)}`);
  if (facts.output) console.error(printableLines(String(facts.output)));
  if (hint) console.error(`  hint: ${printableLines(hint)}`);
}

/** The item, if earlier deployments have given it to this host and the host has kept it. */
async function keptData(iden1: string, iden2: string): Promise<DataItem> {
  const kept = keptItem(iden1, iden2);
  if (kept) return dataItem(iden1, iden2, kept.version, kept.content);
  const foreign = foreignPartOfData();
  const why = foreign === undefined ? "" : `: ${printable(foreign)}`;
  throw new MissingData(
    `the prerequisite data (${iden1}, ${iden2}) is not kept on this machine${why}`,
    {
      iden1,
      iden2,
      hint:
        foreign === undefined
          ? "deploy to it once more from where the data are"
          : "find out who has changed that, and deploy to it once more from where the data are",
    },
  );
}
