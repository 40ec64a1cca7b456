/**
 * Directory trees that are hosts of their own. They are deployed over the `chroot` hop: import
 * `consfigurator/connections/chroot`.
 */
import { z } from "zod";
import {
  childHost,
  type Host,
  inOrder,
  isHost,
  isPropspec,
  keepGoing,
  makeHop,
  type Propspec,
  prepareHost,
  propSpec,
  type ReadonlyHostattrs,
  deploys as subhostDeploys,
  deploysThese as subhostDeploysThese,
  unapplied,
  withUnapply,
} from "../../engine/index.js";
import * as apt from "../apt/index.js";
import { contained } from "../container/index.js";
import * as os from "../os/index.js";
import { withoutStartingServices } from "../service/index.js";
import { bootstrapped, bootstrapperInstalled } from "./bootstrapped.js";
import { type BootstrapOptions, bootstrapOptions, treeOf } from "./tree.js";

export { bootstrapped } from "./bootstrapped.js";
export type { BootstrapOptions, Tree } from "./tree.js";

const directory = z
  .string()
  .regex(/^\/[^\n\0]*[^/\n\0]$/, "expected the absolute path of a directory, in one line");
const aHost = z.custom<Host>(isHost, "expected a host");
const aProperty = z.custom<Propspec>(isPropspec, "expected a property");

/**
 * The host in the directory has its properties, and then the further ones. It sees the attributes
 * of the host around it, and starts no services.
 */
export const deploys = propSpec("chroot.deploys", "posix", {
  args: z.tuple([directory, aHost], aProperty),
  desc: (directory, host: Host) => `${host.host} deployed in ${directory}`,
  props: (attrs, directory: string, host: Host, ...props: Propspec[]) => [
    subhostDeploys([into(directory)], inside(attrs, host), ...further(props)),
  ],
});

/** The host in the directory has these properties; its own only say what its attributes are. */
export const deploysThese = propSpec("chroot.deploysThese", "posix", {
  args: z.tuple([directory, aHost], aProperty),
  desc: (directory, host: Host) => `properties of ${host.host} applied in ${directory}`,
  props: (attrs, directory: string, host: Host, ...props: Propspec[]) => [
    subhostDeploysThese([into(directory)], inside(attrs, host), ...further(props)),
  ],
});

/**
 * There is a tree of the child's operating system in the directory, and it has the child's
 * properties: a host's, or a list of them for one that has no name of its own. Unapplied: the
 * directory is gone.
 *
 * Packages come from the mirrors that the child says it has, or the host around it, or from where
 * that host's own apt gets them; by way of a proxy likewise. A tree that is there is not made anew.
 *
 * @example chroot.osBootstrapped("/srv/chroot/test", [
 *   os.debianUnstable("amd64"),
 *   apt.installed("build-essential"),
 * ])
 */
export const osBootstrapped = propSpec("chroot.osBootstrapped", "posix", {
  args: z.tuple([
    directory,
    z.union([aHost, z.array(aProperty).readonly()]),
    bootstrapOptions.exactOptional(),
  ]),
  desc: (directory, content) =>
    `${isHost(content) ? content.host : "operating system"} bootstrapped in ${directory}`,
  props(
    attrs,
    directory: string,
    content: Host | readonly Propspec[],
    options: BootstrapOptions = {},
  ) {
    const child = inside(attrs, content);
    const tree = treeOf(prepareHost(child).hostattrs, attrs, options);
    const { architecture: own } = os.osOf(attrs) ?? {};
    const isForeign = own !== undefined && !os.supportsArch(own, tree.architecture);
    const made = bootstrapped(directory, tree);
    const steps = [
      bootstrapperInstalled(),
      ...(isForeign ? [apt.installed("qemu-user-static")] : []),
      made,
      subhostDeploys([into(directory)], child),
    ];
    return [withUnapply(steps, [unapplied(made)])];
  },
});

/** The hop is named, not imported: what a consfig connects by is for the consfig to import. */
function into(directory: string) {
  return makeHop<"same">("chroot", [directory]);
}

/** The host as one in a chroot of the host with these attributes. */
function inside(parent: ReadonlyHostattrs, content: Host | readonly Propspec[]): Host {
  const isOwnHost = isHost(content);
  const named = isOwnHost
    ? { name: content.host, ...(content.hostattrs ? { hostattrs: content.hostattrs } : {}) }
    : {};
  const propspec = isOwnHost ? content.propspec : keepGoing(...content);
  return childHost(parent, named, contained("filesystem"), unstarted(propspec));
}

function further(props: readonly Propspec[]): readonly Propspec[] {
  return props.length > 0 ? [unstarted(inOrder(...props))] : [];
}

function unstarted(propspec: Propspec): Propspec {
  return withoutStartingServices(propspec);
}
