import { z } from "zod";
import {
  type Hostattr,
  hostattr,
  type ReadonlyHostattrs,
  type Requirement,
} from "../../engine/index.js";

/** The class above each class of operating systems. */
const parents = {
  unixlike: undefined,
  linux: "unixlike",
  debianlike: "linux",
  debian: "debianlike",
  debianStable: "debian",
  debianTesting: "debian",
  debianUnstable: "debian",
  ubuntu: "debianlike",
  redHatLike: "linux",
  fedora: "redHatLike",
  suse: "linux",
  arch: "linux",
  alpine: "linux",
  freebsd: "unixlike",
} as const;

/** A class of operating systems. Each but `unixlike` is part of another: `ubuntu` of `debianlike`. */
export type OsClass = keyof typeof parents;

/** All classes of operating systems. */
export const osClasses = Object.keys(parents) as readonly OsClass[];

/** Codename or number of a release. */
export const releaseName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, "expected codename or number of a release");

/** An architecture, in Debian's words. */
export const architectureName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/, "expected an architecture, e.g. amd64 or arm64");

/** The operating system of a host, as the consfig says it. */
export type Os = {
  readonly class: OsClass;
  /** Codename or number of the release: `bookworm`, `noble`, `41`. */
  readonly suite?: string;
  /** In Debian's words: `amd64`, `arm64`, `i386`, `armhf`, … */
  readonly architecture?: string;
};

/** What operating system the host has. Newest wins. */
export const osAttr: Hostattr<Os> = hostattr(
  "os",
  z.strictObject({
    class: z.enum(osClasses),
    suite: releaseName.exactOptional(),
    architecture: architectureName.exactOptional(),
  }),
);

/** The operating system of the host, if its consfig says. */
export function osOf(attrs: ReadonlyHostattrs): Os | undefined {
  return attrs.first(osAttr);
}

/** The class and those above it, nearest first. */
export function lineage(osClass: OsClass): readonly OsClass[] {
  const parent = parents[osClass];
  return parent === undefined ? [osClass] : [osClass, ...lineage(parent)];
}

/** The requirement that the host's operating system is of the class: `attrs.require(os.a("ubuntu"))`. */
export function a(osClass: OsClass): Requirement {
  return {
    requirement: `of the class ${osClass} of operating systems`,
    holds(attrs) {
      const own = osOf(attrs);
      return own !== undefined && lineage(own.class).includes(osClass);
    },
  };
}

/** Requirement: the host has some Unix. */
export const unixlike: Requirement = a("unixlike");
/** Requirement: the host has some Linux. */
export const linuxlike: Requirement = a("linux");
/** Requirement: the host has Debian or a derivative, such as Ubuntu. */
export const debianlike: Requirement = a("debianlike");
/** Requirement: the host has Debian itself. */
export const debian: Requirement = a("debian");
/** Requirement: the host has Fedora, RHEL or a derivative. */
export const redHatLike: Requirement = a("redHatLike");

/** Whether a host of the one architecture runs programs of the other without emulation. */
export function supportsArch(host: string, program: string): boolean {
  return host === program || (host === "amd64" && program === "i386");
}
