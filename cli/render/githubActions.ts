import { randomUUID } from "node:crypto";
import path from "node:path";
import { printable } from "../../engine/base/index.js";
import { errorInBrief } from "./error.js";
import { grouped } from "./grouped.js";
import type { Renderer, Results } from "./renderer.js";
import { namesInWords } from "./words.js";

/** GitHub shows no more annotations of one step. */
const most = 10;

/**
 * Shows what the other renderer does in the log of a GitHub Actions job, and what failed beside the
 * lines of the consfig. Nothing that a host says is taken for a command by the job's runner, which
 * looks for them anywhere in a line.
 */
export function annotated(renderer: Renderer, write: (text: string) => void): Renderer {
  const token = randomUUID();
  write(`::stop-commands::${token}\n`);
  let isStopped = true;
  const resume = () => {
    if (isStopped) write(`::${token}::\n`);
    isStopped = false;
  };
  return {
    ...renderer,
    end(results) {
      renderer.end(results);
      resume();
      for (const line of annotations(results)) write(`${line}\n`);
    },
    close() {
      renderer.close();
      resume();
    },
  };
}

/** The annotations: one for each place and error, however many hosts have it. */
function annotations({ results }: Results): readonly string[] {
  const all = results.flatMap(({ host, report }) =>
    (report?.failures ?? []).map((failure) => ({ host, ...failure })),
  );
  const groups = grouped(all, ({ item, error }) => `${item.at} ${error.code} ${item.desc}`);
  return [...groups.values()].slice(0, most).map((group) => {
    const [{ item, error }] = group;
    const { code, text } = errorInBrief(error);
    const names = namesInWords(group.map(({ host }) => host));
    return `::error ${place(item.at)}title=${value(code)}::${data(`${names}: ${printable(item.desc)}: ${text}`)}`;
  });
}

/** The file and line, the file as the runner knows it: from the root of the repository. */
function place(at: string | undefined): string {
  const [, file = "", line = ""] = /^(.*):(\d+):\d+$/.exec(at ?? "") ?? [];
  if (file === "") return "";
  const { GITHUB_WORKSPACE = process.cwd() } = process.env;
  const inRepository = path.relative(GITHUB_WORKSPACE, path.resolve(file));
  return `file=${value(inRepository)},line=${line},`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function value(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
