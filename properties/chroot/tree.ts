/** What a tree is made of, as the child's and its parent's consfig say it. */
import { z } from "zod";
import {
  type Hostattr,
  InapplicableProperty,
  type ReadonlyHostattrs,
  type Wire,
} from "../../engine/index.js";
import { mirrorsAttr, oneWord, plainPackageName, proxyAttr, uri } from "../apt/shared.js";
import { architectureName, lineage, osAttr, releaseName } from "../os/shared.js";

const words = z.array(oneWord).min(1).readonly();

/** The schema of {@link BootstrapOptions}. */
export const bootstrapOptions = z.strictObject({
  include: z.array(plainPackageName).min(1).readonly().exactOptional(),
  components: words.exactOptional(),
  variant: z
    .string()
    .regex(/^[a-z][a-z-]*$/, "expected the name of a variant, e.g. minbase")
    .exactOptional(),
  keyring: z.string().startsWith("/").exactOptional(),
});

/** How a tree is made, besides what the consfig says of its host. */
export type BootstrapOptions = {
  /** Packages that are there from the beginning. */
  readonly include?: readonly string[];
  /** Components of the mirror, e.g. `["main", "contrib"]`. */
  readonly components?: readonly string[];
  /** How much is there from the beginning: `minbase`, `buildd`, … The program's default if left out. */
  readonly variant?: string;
  /** A file on the host, of the keys that sign what the mirror has. */
  readonly keyring?: string;
};

/** The schema of {@link Tree}. */
export const aTree = z.strictObject({
  ...bootstrapOptions.shape,
  distribution: z.enum(["debian", "ubuntu"]),
  suite: releaseName,
  architecture: architectureName,
  mirrors: z.array(uri).readonly(),
  proxy: oneWord.exactOptional(),
});

/** A tree to be made. */
export type Tree = BootstrapOptions & {
  readonly distribution: "debian" | "ubuntu";
  readonly suite: string;
  /** In Debian's words. */
  readonly architecture: string;
  /** Where its packages come from. None: from where the host's own do. */
  readonly mirrors: readonly string[];
  readonly proxy?: string;
};

interface Said {
  readonly attrs: { readonly [key: string]: readonly unknown[] };
}

/** The tree for a child about which that is said. @throws InapplicableProperty */
export function treeOf(child: Said, parent: ReadonlyHostattrs, options: BootstrapOptions): Tree {
  const [own] = values(child, osAttr);
  const { suite, architecture } = own ?? {};
  const isDebian = own !== undefined && lineage(own.class).includes("debianlike");
  if (!isDebian || suite === undefined || architecture === undefined) {
    throw new InapplicableProperty("a chroot that is bootstrapped must be Debian or Ubuntu", {
      hint: 'say so among its properties, first of all: os.debianStable("bookworm", "amd64")',
    });
  }
  const mirrors = values(child, mirrorsAttr);
  const [proxy = parent.first(proxyAttr)] = values(child, proxyAttr);
  return {
    ...options,
    distribution: lineage(own.class).includes("ubuntu") ? "ubuntu" : "debian",
    suite,
    architecture,
    mirrors: mirrors.length > 0 ? mirrors : parent.get(mirrorsAttr),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

/** What is said of the child under that key, newest first. */
function values<T extends Wire>({ attrs }: Said, { key, schema }: Hostattr<T>): readonly T[] {
  return (attrs[key] ?? []).map((value) => schema.parse(value));
}
