const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const range = String.raw`\[(?:[a-z]:[a-z]|\d+:\d+)(?::\d+)?\]`;
const label = String.raw`(?:\w|${range})(?:[\w-]|${range})*(?<![_-])`;
const hostname = new RegExp(String.raw`^${label}(?:\.${label})*$`, "iu");
const ipv6 = /^(?=.*:.*:)[\da-f:.[\]]+$/i;

/** Hosts that one entry of an inventory stands for, and the port that it says. */
export interface HostEntry {
  readonly names: readonly string[];
  readonly port?: number;
}

/**
 * The hosts of an entry like `web[01:20:2].example.com:2222`.
 *
 * @throws RangeError with what is wrong with a range
 */
export function expandHostPattern(entry: string): HostEntry {
  const [, bracketed, port1] = /^\[(.+)\]:(\d+)$/.exec(entry) ?? [];
  const [, plain, port2] = /^((?:[^:[\]]|\[[^\]]*\])*):(\d+)$/.exec(bracketed ?? entry) ?? [];
  const address = plain ?? bracketed ?? entry;
  const port = port2 ?? port1;
  if (port === undefined || !(hostname.test(address) || ipv6.test(address))) {
    return { names: expand(entry) };
  }
  return { names: expand(address), port: Number(port) };
}

function expand(pattern: string): readonly string[] {
  const open = pattern.indexOf("[");
  if (open < 0) return [pattern];
  const close = pattern.indexOf("]");
  if (close < open) throw new RangeError(`a bracket of ${pattern} has no other`);
  const bounds = pattern.slice(open + 1, close).split(":");
  if (bounds.length !== 2 && bounds.length !== 3) {
    throw new RangeError(`${pattern}: a range is [begin:end] or [begin:end:step]`);
  }
  const [head, tail] = [pattern.slice(0, open), pattern.slice(close + 1)];
  return between(bounds, pattern).flatMap((one) => expand(`${head}${one}${tail}`));
}

function between([begin = "", end = "", step = "1"]: readonly string[], whole: string) {
  const first = begin || "0";
  const by = Number(step);
  if (!/^\d+$/.test(step) || by === 0) throw new RangeError(`${whole}: a step is 1 or more`);
  const width = first.length > 1 && first.startsWith("0") ? first.length : 0;
  if (width > 0 && width !== end.length) {
    throw new RangeError(`${whole}: both ends of a range with leading zeros have the same length`);
  }
  if (/^[a-z]$/i.test(first) && /^[a-z]$/i.test(end)) {
    const [from, to] = [letters.indexOf(first), letters.indexOf(end)];
    if (from > to) throw new RangeError(`${whole}: a range begins with what comes first`);
    return [...letters].filter((_, i) => i >= from && i <= to && (i - from) % by === 0);
  }
  if (!/^\d+$/.test(first) || !/^\d+$/.test(end)) {
    throw new RangeError(`${whole}: the ends of a range are two numbers or two letters`);
  }
  const count = Math.max(0, Math.floor((Number(end) - Number(first)) / by) + 1);
  return Array.from({ length: count }, (_, i) =>
    String(Number(first) + i * by).padStart(width, "0"),
  );
}
