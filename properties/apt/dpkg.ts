import { FailedChange, type LookingHost, script, sh } from "../../engine/index.js";

/** A package as dpkg knows it. */
interface Known {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** What the administrator wants: `install`, `hold`, `deinstall`, `purge`. */
  readonly want: string;
  /** `installed`, `config-files`, `not-installed`, or how far something got that broke off. */
  readonly status: string;
}

/** What dpkg and apt know of some packages. */
export class Packages {
  readonly #known: readonly Known[];
  readonly #native: string | undefined;
  readonly #automatic: ReadonlySet<string>;
  readonly #provided: ReadonlySet<string>;

  constructor(
    known: readonly Known[],
    automatic: ReadonlySet<string>,
    provided: ReadonlySet<string>,
  ) {
    this.#known = known;
    this.#native = known.find(({ name }) => name === "dpkg")?.architecture;
    this.#automatic = automatic;
    this.#provided = provided;
  }

  /** The package of that name, for the host's own architecture unless the name says another. */
  of(name: string): Known | undefined {
    const [plain, architecture = this.#native] = name.split(":");
    return this.#known.find(
      (one) => one.name === plain && ["all", architecture].includes(one.architecture),
    );
  }

  /** Whether it is wholly installed: itself, or a package that provides it if it is virtual. */
  isInstalled(name: string): boolean {
    return this.of(name)?.status === "installed" || this.#provided.has(name);
  }

  /** Whether it was installed only for another's sake, so that it may go with that. */
  isAutomatic(name: string): boolean {
    const { name: plain, architecture } = this.of(name) ?? {};
    // apt counts what is for all architectures among those for the host's own.
    return this.#automatic.has(`${plain} ${architecture === "all" ? this.#native : architecture}`);
  }

  /** Whether it is installed, be it not wholly. */
  isThere(name: string): boolean {
    return this.isKnown(name) && this.of(name)?.status !== "config-files";
  }

  /** Whether anything of it is there, if only its configuration. */
  isKnown(name: string): boolean {
    return (this.of(name)?.status ?? "not-installed") !== "not-installed";
  }
}

/** What dpkg and apt know of the packages. */
export async function packagesOf(host: LookingHost, names: readonly string[]): Promise<Packages> {
  const [known, automatic] = await Promise.all([
    knownToDpkg(host, names),
    automaticOnes(host, names),
  ]);
  const packages = new Packages(known, automatic, new Set());
  const missing = names.filter((name) => !packages.isKnown(name));
  if (missing.length === 0) return packages;
  return new Packages(known, automatic, await virtualOnes(host, missing));
}

/** The format in which dpkg-query prints these fields, a line for each package. */
export function fields(...names: readonly string[]): string {
  return `${names.map((name) => `\${${name}}`).join("\\t")}\\n`;
}

const format = fields("Package", "Architecture", "Version", "db:Status-Want", "db:Status-Status");

/** One query for all. The package dpkg itself tells which architecture is the host's own. */
async function knownToDpkg(host: LookingHost, names: readonly string[]): Promise<Known[]> {
  const query = sh`dpkg-query --show --showformat=${format} -- dpkg ${names}`;
  const { exitCode, lines, stderr } = await host.query(query, { mayFail: true });
  // 1 is for names that dpkg has never heard of.
  if (exitCode > 1)
    throw new FailedChange(`dpkg does not answer on ${host.name}`, { output: stderr });
  return lines.map((line) => {
    const [name = "", architecture = "", version = "", want = "", status = ""] = line.split("\t");
    return { name, architecture, version, want, status };
  });
}

/** Those, as `name architecture`, that apt has installed only because others depend on them. */
async function automaticOnes(
  host: LookingHost,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const stanzas = names.flatMap((name) => ["-e", `Package: ${name.split(":")[0]}`]);
  const query = sh`grep -xF -A 2 ${stanzas} -- /var/lib/apt/extended_states`;
  const { stdout } = await host.query(query, { mayFail: true });
  const found = stdout.matchAll(/^Package: (\S+)\nArchitecture: (\S+)\nAuto-Installed: 1$/gm);
  return new Set(Array.from(found, ([, name, architecture]) => `${name} ${architecture}`));
}

/** Those that no package is called, and that an installed one provides. */
async function virtualOnes(
  host: LookingHost,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const provisions = fields("db:Status-Status", "Provides");
  const patterns = names.flatMap((name) => ["-e", name]);
  const [provided, policy] = await Promise.all([
    host.query(script`dpkg-query --show --showformat=${provisions} | grep -F ${patterns}`, {
      mayFail: true,
    }),
    host.query(sh`apt-cache policy -- ${names}`, { mayFail: true, env: { LC_ALL: "C" } }),
  ]);
  const provisionsOf = provided.lines
    .filter((line) => line.startsWith("installed\t"))
    .flatMap((line) => line.replace("installed\t", "").split(","))
    .map((one) => one.trim().replace(/[ (:].*$/, ""));
  const nameless = Array.from(
    policy.stdout.matchAll(/^(\S+):\n +Installed: \(none\)\n +Candidate: \(none\)$/gm),
    ([, name]) => name,
  );
  return new Set(names.filter((name) => provisionsOf.includes(name) && nameless.includes(name)));
}
