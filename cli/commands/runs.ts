import { listRuns, type RunOutline } from "../../engine/journal/index.js";
import { runsOf } from "../consfig/find.js";
import { columns } from "../render/columns.js";
import { jsonLine, jsonVersion } from "../render/json.js";
import { duration } from "../render/words.js";
import { totalsInWords, totalsOf } from "../report/totals.js";
import { ago, commandInWords, localTime, stateInWords, tookMs } from "../report/words.js";

/** The runs whose journals are kept are listed, the newest first. */
export async function runs(options: { consfig?: string; json: boolean }): Promise<number> {
  const all = await listRuns(runsOf(options));
  process.stdout.write(options.json ? all.map(jsonRow).join("") : table(all));
  return 0;
}

function jsonRow(run: RunOutline): string {
  const { id, consfig, command, state, begunAt, endedAt, exitCode, stopped } = run;
  const told = { run: id, consfig, command, state, begunAt, endedAt, exitCode, stopped };
  const hosts = Object.fromEntries(totalsOf(run));
  return jsonLine({ v: jsonVersion, type: "run", ...told, hosts, durationMs: tookMs(run) });
}

function table(runs: readonly RunOutline[]): string {
  return columns([
    ["RUN", "BEGAN", "", "TOOK", "STATE", "HOSTS", "COMMAND"],
    ...runs.map((run) => [
      run.id,
      localTime(run.begunAt),
      ago(run.begunAt),
      duration(tookMs(run)),
      stateInWords(run),
      totalsInWords(run),
      shortened(commandInWords(run)),
    ]),
  ]);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
