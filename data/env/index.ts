import { type DataSource, MissingData, Secret } from "../../engine/index.js";

const taken = new Map<string, Secret>();

/**
 * Prerequisite data are the values of environment variables: each is named, with the item it is.
 *
 * The variables are taken out of this process's environment at once, so that no program which we
 * start inherits them. One that is not set, or empty, is no item. The version is the time of the
 * call: what this run was given counts as newer than what any file has.
 *
 * @example env({ DB_PASSWORD: ["_db", "password"] })
 */
export function env(
  items: Readonly<Record<string, readonly [iden1: string, iden2: string]>>,
): DataSource {
  const version = String(Date.now());
  const names = Object.keys(items);
  for (const name of names) take(name);
  const secretOf = (iden1: string, iden2: string) => {
    const all = names.filter((name) => items[name]?.[0] === iden1 && items[name]?.[1] === iden2);
    return all.map((name) => taken.get(name)).find((value) => value !== undefined);
  };
  return {
    description: `env ${names.join(", ")}`,
    version: async (iden1, iden2) => secretOf(iden1, iden2) && version,
    async read(iden1, iden2) {
      const value = secretOf(iden1, iden2);
      if (value) return Buffer.from(value.reveal());
      throw new MissingData(`no environment variable has (${iden1}, ${iden2})`, { iden1, iden2 });
    },
  };
}

/** Kept for later calls: the same variable may be named by several, and a consfig loaded again. */
function take(name: string): void {
  const value = process.env[name];
  if (value) taken.set(name, new Secret(value));
  delete process.env[name];
}
