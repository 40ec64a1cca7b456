// The lock file names every optional package of every platform: without one of them `npm ci` refuses it.
// npm leaves out those that a registry does not have for the machine at hand. What is added here is
// what npm needs to know to pass them over elsewhere, without address or hash.
//
//     node scripts/lockFile.mjs            fails if one is missing
//     node scripts/lockFile.mjs --write    adds what is missing
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const systems = "aix android darwin freebsd linux netbsd openbsd openharmony sunos win32";
const processors = "arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x x64";

const text = readFileSync(file, "utf8");
const lock = JSON.parse(text);
const missing = missingIn(lock.packages);
if (process.argv.includes("--write") && missing.length > 0) {
  const all = { ...lock.packages, ...Object.fromEntries(missing) };
  const sorted = Object.keys(all).sort((a, b) => a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(sorted.map((name) => [name, all[name]]));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
} else if (missing.length > 0) {
  for (const [name] of missing) console.error(`package-lock.json lacks ${name}`);
  console.error("node scripts/lockFile.mjs --write adds them");
  process.exit(1);
}

/** The optional packages that a package asks for and that stand nowhere, as entries of the lock file. */
function missingIn(packages) {
  return Object.values(packages).flatMap(({ optionalDependencies = {}, dev }) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !(`node_modules/${name}` in packages))
      .map(([name, version]) => [`node_modules/${name}`, entryOf(name, version, dev)]),
  );
}

/** What a package is for can be read in its name: `…-linux-x64-musl`. */
function entryOf(name, version, dev) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${name}: ${version} is not one version`);
  const words = name.split(/[/-]/);
  const os = systems.split(" ").filter((one) => words.includes(one));
  const cpu = processors.split(" ").filter((one) => words.includes(one));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name}: for which platform is it?`);
  const libc = words.includes("musl") ? { libc: ["musl"] } : {};
  return { version, cpu, ...(dev && { dev }), ...libc, optional: true, os };
}
