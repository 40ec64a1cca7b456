import { editLines, type Line, newLine } from "../file/shared.js";

const own = "127.0.1.1";
const loopback = "127.0.0.1";

/** A line of /etc/hosts that says something, in its parts. */
interface Names {
  readonly address: string;
  readonly names: readonly string[];
  /** A comment after the names, with the blanks before it. */
  readonly after: string;
}

/**
 * Has a line for 127.0.1.1 that begins with the name and its first label, and localhost on a line for
 * 127.0.0.1. Other names on these lines stay, as do all other lines.
 */
export function hasOwnNames(text: string | undefined, name: string): string {
  return editLines(text, (old) => {
    const lines = [...old];
    const isLocal = lines.some((line) => is(line, loopback) && namesOf(line).includes("localhost"));
    if (!isLocal) {
      const at = lines.findIndex((line) => is(line, loopback));
      const line = lines[at];
      if (line) lines[at] = renamed(line, ["localhost", ...namesOf(line)]);
      else lines.unshift(newLine(`${loopback}\tlocalhost`));
    }
    const wanted = namesFor(name);
    const at = lines.findIndex((line) => is(line, own));
    const line = lines[at];
    if (!line) {
      const local = lines.findIndex((one) => is(one, loopback));
      lines.splice(local + 1, 0, newLine([own, wanted.join(" ")].join("\t")));
    } else if (wanted.some((one, index) => namesOf(line)[index] !== one)) {
      lines[at] = renamed(line, [...new Set([...wanted, ...namesOf(line)])]);
    }
    return lines;
  });
}

/** Has no line for 127.0.1.1 with the name or its first label. */
export function lacksOwnNames(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return text;
  const unwanted = namesFor(name);
  return editLines(text, (lines) =>
    lines.flatMap((line) => {
      if (!is(line, own)) return [line];
      const kept = namesOf(line).filter((one) => !unwanted.includes(one));
      if (kept.length === namesOf(line).length) return [line];
      return kept.length === 0 ? [] : [renamed(line, kept)];
    }),
  );
}

function namesFor(name: string): readonly string[] {
  return [...new Set([name, name.replace(/\..*$/, "")])];
}

function partsOf({ text }: Line): Names | undefined {
  const comment = text.indexOf("#");
  const said = (comment < 0 ? text : text.slice(0, comment)).trimEnd();
  const after = text.slice(said.length);
  const [address, ...names] = said.split(/\s+/).filter((word) => word !== "");
  return address === undefined ? undefined : { address, names, after };
}

function is(line: Line, address: string): boolean {
  return partsOf(line)?.address === address;
}

function namesOf(line: Line): readonly string[] {
  return partsOf(line)?.names ?? [];
}

function renamed(line: Line, names: readonly string[]): Line {
  const { address = "", after = "" } = partsOf(line) ?? {};
  const gap = /^\s*\S+(\s+)/.exec(line.text)?.[1] ?? "\t";
  return { ...line, text: `${address}${gap}${names.join(" ")}${after}` };
}
