/** What all benches share: repeated runs, medians, and tables for people and programs. */

/** The middle of the values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = sorted.slice(sorted.length % 2 ? middle : middle - 1);
  return sorted.length % 2 ? low : (low + high) / 2;
}

/** How long the work took, in milliseconds. */
export async function milliseconds(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** The median duration of several runs after one that is not counted, taking turns with the others. */
export async function medians(
  runs: number,
  works: Readonly<Record<string, () => unknown>>,
): Promise<Record<string, number>> {
  const durations = Object.fromEntries(Object.keys(works).map((name) => [name, [] as number[]]));
  for (let run = 0; run <= runs; run++) {
    for (const [name, work] of Object.entries(works)) {
      const duration = await milliseconds(work);
      if (run > 0) durations[name]?.push(duration);
    }
  }
  return Object.fromEntries(Object.entries(durations).map(([name, all]) => [name, median(all)]));
}

/** One line of a bench's table. */
export type Row = Readonly<Record<string, string | number>>;

/** The rows as aligned text. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cell = (value: string | number | undefined) =>
    typeof value === "number" ? String(Number(value.toPrecision(3))) : (value ?? "");
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) => line.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  "))
    .join("\n");
}
