import { ownLibc, type PosixHost, script } from "../../engine/index.js";

/** What can be known of a host without a Node. */
export interface Machine {
  readonly uid: number;
  /** As `uname` says it, e.g. `Linux` and `x86_64`. */
  readonly system: string;
  readonly machine: string;
  /** Whether the loader of programs is there that this process's own Node was started by. */
  readonly hasLoader: boolean;
  readonly hasGzip: boolean;
  readonly hasSha256: boolean;
  readonly hasApt: boolean;
  readonly home: string;
  /** Free space where the home is, in KiB; unknown where `df` says something else. */
  readonly freeKiB: number | undefined;
}

/** Looks at the host, by one command. */
export async function machineOf(host: PosixHost): Promise<Machine> {
  const { lines } = await host.query(
    script`has() { command -v "$1" >/dev/null && echo yes || echo no; }
      id -u; uname -s; uname -m
      [ -x ${ownLoader() ?? "/nowhere"} ] && echo yes || echo no
      has gzip; has sha256sum; has apt-get
      printf "%s\n" "$HOME"
      d=$HOME/.cache; [ -d "$d" ] || d=$HOME
      df -Pk "$d" 2>/dev/null | tail -n 1 | tr -s " " | cut -d " " -f 4`,
  );
  const [uid, system = "", machine = "", loader, gzip, sha256, apt, home = "/", free] = lines;
  return {
    uid: Number(uid),
    system,
    machine,
    hasLoader: loader === "yes",
    hasGzip: gzip === "yes",
    hasSha256: sha256 === "yes",
    hasApt: apt === "yes",
    home,
    freeKiB: free !== undefined && /^\d+$/.test(free) ? Number(free) : undefined,
  };
}

/** What `uname` says on a machine like this one. */
export function ownMachine(): { readonly system: string; readonly machine: string } {
  const machines: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
  return {
    system: process.platform === "linux" ? "Linux" : process.platform,
    machine: machines[process.arch] ?? process.arch,
  };
}

/** The loader by which the kernel starts a program like this one; undefined where it is not known. */
function ownLoader(): string | undefined {
  const { machine } = ownMachine();
  if (ownLibc() === "musl") return `/lib/ld-musl-${machine}.so.1`;
  const loaders: Readonly<Record<string, string>> = {
    x86_64: "/lib64/ld-linux-x86-64.so.2",
    aarch64: "/lib/ld-linux-aarch64.so.1",
  };
  return loaders[machine];
}
