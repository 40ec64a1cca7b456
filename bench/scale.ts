/**
 * `consfig deploy` on up to 10,000 hosts with ten properties each and nothing left to do.
 *
 * Real: the command, the consfig, ssh_config, known_hosts with a line for each host, a TCP connection
 * to an address of its own, the handshake and the login of each host, the journal. Simulated: the
 * hosts are one process (simulated/), beside us on this machine's processors. In the first run each
 * has a real shell; in the others no shell runs, but what a real one said is said again.
 *
 * `HOSTS=100,1000` chooses other numbers of hosts; the picture is then not drawn.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { lineChart } from "./chart.js";
import type { Row } from "./figures.js";
import { simulate } from "./simulated/hosts.js";
import { nodeUsage, type Usage } from "./usage.js";

const main = fileURLToPath(new URL("../joined/cli/main.js", import.meta.url));
const picture = fileURLToPath(new URL("../../docs/scale.svg", import.meta.url));
const chosen = process.env.HOSTS;
const counts = (chosen ?? "100,1000,3000,10000").split(",").map(Number);
/** The number of hosts at which ways to deploy them are compared. */
const compared = 1000;
const ways = [
  ...["0", "1", "2"].map((threads) => ["--threads", threads]),
  ...["20", "100", "400"].map((parallel) => ["--threads", "0", "--parallel", parallel]),
];

/** What the command cost with so many hosts. */
interface Figure {
  readonly hosts: number;
  readonly usage: Usage;
}

/** A row for each number of hosts, and one for each way. */
export async function scale(): Promise<readonly Row[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-bench-"));
  const stateHome = process.env.XDG_STATE_HOME;
  process.env.XDG_STATE_HOME = directory;
  try {
    const [fewest = 1] = counts;
    const first = await measured(directory, fewest, "shell", ["deploy"]);
    const listed: Figure[] = [];
    const deployed: Figure[] = [];
    for (const hosts of counts) {
      listed.push(await measured(directory, hosts, "answer", ["hosts"]));
      deployed.push(await measured(directory, hosts, "answer", ["deploy"]));
    }
    const rows = [
      ...rowsOf("first run, real shells", [first]),
      ...rowsOf("nothing to do", deployed),
      ...rowsOf("consfig hosts", listed),
    ];
    for (const words of counts.includes(compared) ? ways : []) {
      const figure = await measured(directory, compared, "answer", ["deploy", ...words]);
      rows.push(...rowsOf(words.join(" "), [figure]));
    }
    if (chosen === undefined) draw(deployed, listed);
    return rows;
  } finally {
    if (stateHome === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = stateHome;
    rmSync(directory, { recursive: true });
  }
}

async function measured(
  directory: string,
  hosts: number,
  mode: Parameters<typeof simulate>[2],
  [command = "", ...words]: readonly string[],
): Promise<Figure> {
  const simulation = await simulate(directory, hosts, mode);
  try {
    const usage = await nodeUsage([main, command, "--consfig", simulation.consfig, ...words]);
    return { hosts, usage };
  } finally {
    await simulation.end();
  }
}

/** Of a series each says, besides, what each host cost that the one before did not have. */
function rowsOf(way: string, figures: readonly Figure[]): Row[] {
  return figures.map(({ hosts, usage: { ms, cpuMs, memoryMiB } }, i) => {
    const before = figures[i - 1];
    const forEachMore = (difference: (usage: Usage) => number) =>
      before ? difference(before.usage) / (hosts - before.hosts) : "";
    return {
      way,
      hosts,
      s: ms / 1000,
      "hosts/s": (hosts / ms) * 1000,
      "CPU ms a host": cpuMs / hosts,
      MiB: memoryMiB,
      "each more: CPU ms": forEachMore((usage) => cpuMs - usage.cpuMs),
      "each more: KiB": forEachMore((usage) => (memoryMiB - usage.memoryMiB) * 1024),
    };
  });
}

function draw(deployed: readonly Figure[], listed: readonly Figure[]): void {
  const line = (name: string, figures: readonly Figure[], of: (usage: Usage) => number) => ({
    name,
    points: figures.map(({ hosts, usage }) => [hosts, of(usage) / hosts] as const),
  });
  const memory = ({ memoryMiB }: Usage) => memoryMiB * 1024;
  const chart = lineChart({
    title: "consfig deploy with nothing to do, for each host",
    x: "hosts",
    y: "ms or KiB a host (logarithmic)",
    lines: [
      line("KiB of memory at most", deployed, memory),
      line("KiB of memory, consfig hosts", listed, memory),
      line("ms", deployed, ({ ms }) => ms),
      line("ms of processor time", deployed, ({ cpuMs }) => cpuMs),
    ],
  });
  writeFileSync(picture, chart);
  console.error(`drawn: ${path.relative(process.cwd(), picture)}`);
}
