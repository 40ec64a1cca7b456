import { jsonRenderer } from "./json.js";
import type { LogOptions } from "./log.js";
import type { Renderer } from "./renderer.js";

/** What the command line says about how to show things. */
export interface OutputOptions {
  readonly verbosity: number;
  readonly json: boolean;
}

/** The renderer for the options and for what standard error is. */
export async function chooseRenderer(
  hosts: readonly string[],
  { verbosity, json }: OutputOptions,
): Promise<Renderer> {
  if (json) return jsonRenderer((text) => void process.stdout.write(text), verbosity);
  const { paintFor } = await import("./paint.js");
  const longest = hosts.reduce((most, host) => Math.max(most, host.length), 0);
  const options: LogOptions = {
    verbosity,
    paint: await paintFor(process.stderr),
    nameWidth: Math.min(longest, 40),
  };
  const write = (text: string) => void process.stderr.write(text);
  if (!isLive() || verbosity < 0) {
    const plain = (await import("./plain.js")).plainRenderer(write, hosts, options);
    if (process.env.GITHUB_ACTIONS !== "true") return plain;
    return (await import("./githubActions.js")).annotated(plain, write);
  }
  const { stderr } = process;
  const terminal = {
    write,
    get columns() {
      return stderr.columns || 80;
    },
    get rows() {
      return stderr.rows || 24;
    },
  };
  return (await import("./live.js")).liveRenderer(terminal, hosts, options);
}

/** Whether lines can be drawn over and somebody sees it. */
function isLive(): boolean {
  const { TERM, CI } = process.env;
  return process.stderr.isTTY === true && TERM !== "dumb" && !CI;
}
