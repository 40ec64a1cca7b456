/** Lines over a linear and a logarithmic axis, as SVG. */

/** What to draw; each line is named at its right end. */
export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const [width, height] = [860, 420];
const [left, right, top, bottom] = [60, 330, 40, 50];
const colours = ["#888", "#c33", "#06c", "#090", "#b80", "#80b"];

/** The chart as a document of its own. */
export function lineChart({ title, x, y, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const xMax = Math.max(...points.map(([value]) => value));
  const [low, high] = powersAround(points.map(([, value]) => value));
  const across = (value: number) => left + (value / xMax) * (width - left - right);
  const up = (value: number) =>
    height - bottom - ((Math.log10(value) - low) / (high - low)) * (height - top - bottom);

  const grid = range(low, high).map((power) => {
    const at = up(10 ** power).toFixed(1);
    return (
      `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
      text(left - 6, Number(at) + 4, String(10 ** power), "end")
    );
  });
  const ticks = [...new Set(points.map(([value]) => value))].map((value) =>
    text(across(value), height - bottom + 18, String(value), "middle"),
  );
  const names = apart(lines.map((line) => up(line.points.at(-1)?.[1] ?? 1)));
  const drawn = lines.map(({ name, points: own }, i) => {
    const colour = colours[i % colours.length] ?? "#000";
    const path = own.map(([a, b]) => `${across(a).toFixed(1)},${up(b).toFixed(1)}`).join(" ");
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      text(width - right + 8, (names[i] ?? 0) + 4, name, "start", colour)
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 20, title, "start"),
    text((left + width - right) / 2, height - 10, x, "middle"),
    text(left, top - 6, y, "middle"),
    ...grid,
    ...ticks,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

function text(x: number, y: number, content: string, anchor: string, colour = "#000"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${content}</text>`;
}

/** The whole powers of ten between which all values lie. */
function powersAround(values: readonly number[]): [number, number] {
  const logs = values.map(Math.log10);
  return [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** The heights, moved down where two names would cover each other. */
function apart(heights: readonly number[]): readonly number[] {
  const result = [...heights];
  const order = heights.map((_, i) => i).toSorted((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  let above = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    above = Math.max(result[i] ?? 0, above + 15);
    result[i] = above;
  }
  return result;
}
