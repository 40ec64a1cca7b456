import path from "node:path/posix";
import { z } from "zod";
import {
  AbortedChange,
  type Finding,
  type LookingHost,
  type PosixHost,
  posixProperty,
  script,
  sh,
  type Words,
} from "../../engine/index.js";
import { installed } from "../apt/shared.js";
import * as os from "../os/index.js";
import { removeTree } from "./removal.js";
import { type Source, sourceOf } from "./source.js";
import { aTree, type Tree } from "./tree.js";

/** One of the programs that make trees is installed. */
export const bootstrapperInstalled = posixProperty<[]>("chroot.bootstrapperInstalled", {
  args: z.tuple([]),
  desc: () => "mmdebstrap or debootstrap installed",
  hostattrs: (attrs) => {
    if (attrs.satisfies(os.debianlike)) attrs.of(installed("mmdebstrap"));
  },
  check: async (host) => (await bootstrapper(host)) !== undefined,
  async apply(host) {
    if (host.attrs.satisfies(os.debianlike)) return host.apply(installed("mmdebstrap"));
    throw new AbortedChange(`${host.name} has neither mmdebstrap nor debootstrap`, {
      hint: "install one of them, or say which Debian the host has",
    });
  },
});

/**
 * There is a tree of the operating system in the directory, which was made wholly or not at all.
 * Unapplied: the directory is gone, after what is mounted in it was unmounted.
 */
export const bootstrapped = posixProperty<[directory: string, tree: Tree]>("chroot.bootstrapped", {
  args: z.tuple([z.string().startsWith("/"), aTree]),
  desc: (directory, { suite, architecture }) => `${suite} (${architecture}) in ${directory}`,
  async check(host, directory): Promise<Finding> {
    const [isMade, ...others] = await Promise.all([
      host.exists(`${directory}/etc/os-release`),
      host.exists(directory),
      host.exists(beside(directory)),
    ]);
    return isMade || (others.includes(true) && "partly");
  },
  async apply(host, directory, tree) {
    await host.assertUid0();
    await assertFree(host, directory);
    const made = beside(directory);
    await removeTree(host, made);
    await host.makeDirectory(path.dirname(directory));
    try {
      await bootstrap(host, made, tree);
      // A tree that is whole in name only must not be what a power cut leaves.
      await host.run(script`sync -f -- ${made} && exec mv -T -- ${made} ${directory}`);
    } catch (error) {
      await removeTree(host, made).catch(() => {}); // the next run does it; this is why there is one
      throw error;
    }
    return "changed";
  },
  async unapply(host, directory) {
    await host.assertUid0();
    await removeTree(host, beside(directory));
    await removeTree(host, directory);
    return "changed";
  },
});

/** Where the tree is until it is whole. */
function beside(directory: string): string {
  return `${directory}.bootstrapping`;
}

/** @throws AbortedChange when something else is in the directory than a tree */
async function assertFree(host: LookingHost, directory: string): Promise<void> {
  const look = script`[ ! -e ${directory} ] && [ ! -L ${directory} ] && exit 0
[ ! -L ${directory} ] && [ -d ${directory} ] && [ -z "$(ls -A -- ${directory})" ] || exit 1
! mountpoint -q -- ${directory}`;
  if (await host.test(look)) return;
  throw new AbortedChange(`${directory} is not free for a tree`, {
    hint: "it must not be there, or be an empty directory that is no mount point",
  });
}

/** The program that makes trees, the better one if both are there. */
async function bootstrapper(host: LookingHost): Promise<"mmdebstrap" | "debootstrap" | undefined> {
  for (const name of ["mmdebstrap", "debootstrap"] as const) {
    if ((await host.findProgram(name)) !== undefined) return name;
  }
  return undefined;
}

async function bootstrap(host: PosixHost, directory: string, tree: Tree): Promise<void> {
  const name = await bootstrapper(host);
  if (name === undefined) throw new AbortedChange(`${host.name} has no program that makes trees`);
  const source = await sourceOf(host, tree);
  host.inform(`${name}: ${tree.suite} from ${source.mirrors.join(", ")}`);
  if (name === "mmdebstrap") await host.run(byMmdebstrap(directory, tree, source));
  else {
    const { proxy } = tree;
    const env = proxy === undefined ? {} : { http_proxy: proxy, https_proxy: proxy };
    await host.run(byDebootstrap(directory, tree, source), { env });
  }
}

function byMmdebstrap(directory: string, tree: Tree, { mirrors, settings }: Source): Words {
  const form = sh`--mode=root --format=directory --architectures=${tree.architecture}`;
  const apt = settings.map((line) => `--aptopt=${line}`);
  return sh`mmdebstrap ${form} ${apt} ${common(tree)} -- ${tree.suite} ${directory} ${mirrors}`;
}

function byDebootstrap(directory: string, tree: Tree, { mirrors }: Source): Words {
  const arch = `--arch=${tree.architecture}`;
  return sh`debootstrap ${arch} ${common(tree)} -- ${tree.suite} ${directory} ${mirrors.slice(0, 1)}`;
}

/** Options that both programs have. */
function common({ include, components, variant, keyring }: Tree): Words {
  return [
    ...(include ? [`--include=${include.join(",")}`] : []),
    ...(components ? [`--components=${components.join(",")}`] : []),
    ...(variant === undefined ? [] : [`--variant=${variant}`]),
    ...(keyring === undefined ? [] : [`--keyring=${keyring}`]),
  ];
}
