import { UsageError } from "../../engine/base/index.js";
import { type Run, readRun } from "../../engine/journal/index.js";
import { runsOf } from "../consfig/find.js";
import { paintFor } from "../render/paint.js";
import { htmlReport } from "../report/html.js";
import { jsonReport } from "../report/json.js";
import { junitReport } from "../report/junit.js";
import { writeReport } from "../report/output.js";
import { textReport } from "../report/text.js";

const formats = { html: htmlReport, junit: junitReport, json: jsonReport } as const;

type Format = keyof typeof formats;

/** The files that reports are to be in. */
export type ReportFiles = Readonly<Partial<Record<Format, string>>>;

/** A run is told of: in files, or without any in a few lines. */
export async function report(
  run: string,
  files: ReportFiles,
  options: { readonly consfig?: string },
): Promise<number> {
  const wanted = Object.keys(formats).flatMap((name) => {
    const file = files[name as Format]; // they are its keys
    return file === undefined ? [] : [{ format: formats[name as Format], file }];
  });
  if (wanted.filter(({ file }) => file === "-").length > 1) {
    throw new UsageError("only one report can be printed", { hint: "name files for the others" });
  }
  const found = await readRun(run, runsOf(options));
  for (const { format, file } of wanted) await writeReport(file, format(found));
  if (wanted.length === 0) await print(found);
  return 0;
}

async function print(run: Run): Promise<void> {
  process.stdout.write(textReport(run, await paintFor(process.stdout)));
}
