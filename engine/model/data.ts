import { InvalidArgument, MissingData, Secret, UsageError } from "../base/index.js";

/**
 * An item of prerequisite data: bytes that the root process supplies, identified by a context
 * (iden1) and an item in it (iden2).
 */
export interface DataItem {
  readonly iden1: string;
  readonly iden2: string;
  /** Dotted numbers; a greater version replaces a smaller one. */
  readonly version: string;
  readonly content: Uint8Array;
  /** The content as text that cannot be printed by accident. */
  asSecret(): Secret;
}

/** The item of that version and content. */
export function dataItem(
  iden1: string,
  iden2: string,
  version: string,
  content: Uint8Array,
): DataItem {
  const asSecret = () => new Secret(Buffer.from(content).toString("utf8"));
  return { iden1, iden2, version, content, asSecret };
}

/** A place prerequisite data comes from. Sources belong to the person, not to hosts. */
export interface DataSource {
  /** For messages, e.g. `filesTree /home/me/data`. */
  readonly description: string;
  /** What no other source may have: sources that say the same are not registered together. */
  readonly sole?: string;
  /** The version it has of the item, or undefined. */
  version(iden1: string, iden2: string): Promise<string | undefined>;
  /** The content of the item. */
  read(iden1: string, iden2: string): Promise<Uint8Array>;
}

const sources: DataSource[] = [];

/** The source is asked for prerequisite data from now on. @throws InvalidArgument beside one that has the same */
export function registerDataSource(source: DataSource): void {
  if (sources.some((one) => one.description === source.description)) return;
  const rival = sources.find(({ sole }) => sole !== undefined && sole === source.sole);
  if (rival) {
    const hint = "which of them a host would get would be left to chance: give one another name";
    throw new InvalidArgument(`${source.description} has what ${rival.description} has`, { hint });
  }
  sources.push(source);
}

/** Forgets all sources. */
export function resetDataSources(): void {
  sources.length = 0;
}

/** A way to items of prerequisite data. @throws MissingData, MissingDataSource, InvalidArgument */
export type FindData = (iden1: string, iden2: string) => Promise<DataItem>;

/** The item in the greatest version that any source has. */
export const findData: FindData = async (iden1, iden2) =>
  contentOf(await newestOf(iden1, iden2), iden1, iden2);

/**
 * Like {@link findData}, for one deployment: content is asked for once, by however many at a time,
 * as long as its version stays. Some sources run a program or ask the person for it, and the check
 * of a property wants the same item as its apply.
 */
export function findDataOnce(): FindData {
  const held = new Map<string, Newest & { readonly item: Promise<DataItem> }>();
  return async (iden1, iden2) => {
    const key = JSON.stringify([iden1, iden2]);
    const { source, version } = await newestOf(iden1, iden2);
    const known = held.get(key);
    if (known?.source === source && known.version === version) return known.item;
    const entry = { source, version, item: contentOf({ source, version }, iden1, iden2) };
    held.set(key, entry);
    // A content that could not be read is asked for again the next time.
    entry.item.catch(() => held.get(key) === entry && held.delete(key));
    return entry.item;
  };
}

/** The greatest version of an item. */
interface Newest {
  readonly source: DataSource;
  readonly version: string;
}

/** The greatest version of the item, and who has it. @throws MissingData, InvalidArgument */
export async function newestOf(iden1: string, iden2: string): Promise<Newest> {
  checkIdens(iden1, iden2);
  let best: Newest | undefined;
  for (const source of sources) {
    const version = await source.version(iden1, iden2);
    if (version === undefined) continue;
    if (!best || compareVersions(version, best.version) > 0) best = { source, version };
  }
  if (best) return best;
  const asked = sources.map((source) => source.description).join(", ");
  throw new MissingData(`no source has the prerequisite data (${iden1}, ${iden2})`, {
    iden1,
    iden2,
    hint: asked ? `asked: ${asked}` : "register a source of data in the consfig",
  });
}

async function contentOf(
  { source, version }: Newest,
  iden1: string,
  iden2: string,
): Promise<DataItem> {
  return dataItem(iden1, iden2, version, await source.read(iden1, iden2));
}

/** Nothing, if the pair can identify prerequisite data. @throws InvalidArgument */
export function checkIdens(iden1: string, iden2: string): void {
  const context = iden1.startsWith("_") || iden1.startsWith("-");
  if (!context && !isHostname(iden1)) {
    throw new InvalidArgument(`${JSON.stringify(iden1)} names no context of prerequisite data`, {
      hint: "use a hostname, or a name that begins with _ (your own) or --- (shared)",
    });
  }
  if (iden2 === "") throw new InvalidArgument(`an empty item of prerequisite data in ${iden1}`);
}

/** Whether the text can be a host's name: dot-separated labels of letters, digits and hyphens. */
export function isHostname(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[A-Za-z0-9][A-Za-z0-9-]{0,62}(\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*$/.test(text)
  );
}

/** Negative, zero or positive as `a` is the smaller, equal or greater version: dotted numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [components(a), components(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The numbers a version starts with, up to the first thing that is neither digit nor dot. */
function components(version: string): number[] {
  const numeric = /^[0-9.]*/.exec(version)?.[0] ?? "";
  return numeric === "" ? [] : numeric.split(".").map(Number);
}

/** @throws UsageError unless the pair is among those declared. */
export function assertDeclared(
  declared: readonly (readonly [string, string])[],
  iden1: string,
  iden2: string,
): void {
  if (declared.some(([one, two]) => one === iden1 && two === iden2)) return;
  throw new UsageError(`the prerequisite data (${iden1}, ${iden2}) is not declared for this host`, {
    hint: "call attrs.requireData(…) in the property's hostattrs",
  });
}
