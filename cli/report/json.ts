import type { HostRun, Run } from "../../engine/journal/index.js";
import { jsonLine, jsonVersion } from "../render/json.js";

/** All that is known of the run as one JSON value, with a line for each host. */
export function* jsonReport({ hosts, ...run }: Run): Iterable<string> {
  const head = jsonLine({ v: jsonVersion, type: "run", ...run }).trimEnd();
  yield `${head.slice(0, -1)},"hosts":[`;
  let separator = "\n";
  for (const host of hosts.values()) {
    yield `${separator}${jsonLine(hostAsData(host)).trimEnd()}`;
    separator = ",\n";
  }
  yield "\n]}\n";
}

function hostAsData({ ended, ...host }: HostRun): object {
  return { ...host, ended: [...ended].map(([path, item]) => ({ path, ...item })) };
}
