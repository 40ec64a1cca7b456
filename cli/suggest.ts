/** Those of the known names that are nearest to the name, if any is near: at most three. */
export function similar(name: string, known: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  const scored = known.map((one) => {
    const contained = wanted.length > 2 && one.toLowerCase().includes(wanted);
    const letters = distance(wanted, one.toLowerCase());
    return { one, score: contained ? Math.min(1, letters) : letters };
  });
  const best = Math.min(...scored.map(({ score }) => score));
  if (best > Math.max(1, Math.floor(wanted.length / 3))) return [];
  return scored
    .filter(({ score }) => score === best)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** `did you mean a or b?`, or what is known when nothing is similar. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = similar(name, known);
  if (meant.length > 0) return `did you mean ${meant.join(" or ")}?`;
  const shown = known.slice(0, 20).join(", ");
  return `known: ${shown}${known.length > 20 ? ` and ${known.length - 20} more` : ""}`;
}

/** How many letters have to be inserted, left out, replaced or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && j > 1 && i > 1) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
