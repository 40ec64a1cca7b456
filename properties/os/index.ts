/** Which operating system a host has, and properties that depend on it. */
import { z } from "zod";
import { defined } from "../../core/index.js";
import { type Hostattrs, posixProperty } from "../../engine/index.js";
import { architectureName, type OsClass, osAttr, releaseName } from "./classes.js";

export * from "./case.js";
export * from "./classes.js";

const releaseAndArchitecture = z.tuple([releaseName, architectureName]);
const architectureOnly = z.tuple([architectureName]);

/** The host has a Linux of no particular distribution. */
export const linux = posixProperty<[architecture?: string]>("os.linux", {
  args: z.tuple([architectureName.exactOptional()]),
  desc: (architecture) => inWords("Linux", architecture),
  hostattrs: (attrs, architecture) => say(attrs, "linux", undefined, architecture),
});

/** The host has Debian stable, or an older release, of that codename. */
export const debianStable = posixProperty<[suite: string, architecture: string]>(
  "os.debianStable",
  {
    args: releaseAndArchitecture,
    desc: (suite, architecture) => inWords(`Debian ${suite}`, architecture),
    hostattrs: (attrs, suite, architecture) => say(attrs, "debianStable", suite, architecture),
  },
);

/** The host has Debian testing. */
export const debianTesting = posixProperty<[architecture: string]>("os.debianTesting", {
  args: architectureOnly,
  desc: (architecture) => inWords("Debian testing", architecture),
  hostattrs: (attrs, architecture) => say(attrs, "debianTesting", "testing", architecture),
});

/** The host has Debian unstable. */
export const debianUnstable = posixProperty<[architecture: string]>("os.debianUnstable", {
  args: architectureOnly,
  desc: (architecture) => inWords("Debian unstable", architecture),
  hostattrs: (attrs, architecture) => say(attrs, "debianUnstable", "unstable", architecture),
});

/** The host has Ubuntu, of that codename. */
export const ubuntu = posixProperty<[suite: string, architecture: string]>("os.ubuntu", {
  args: releaseAndArchitecture,
  desc: (suite, architecture) => inWords(`Ubuntu ${suite}`, architecture),
  hostattrs: (attrs, suite, architecture) => say(attrs, "ubuntu", suite, architecture),
});

/** The host has Fedora, of that number. */
export const fedora = posixProperty<[release: string, architecture: string]>("os.fedora", {
  args: releaseAndArchitecture,
  desc: (release, architecture) => inWords(`Fedora ${release}`, architecture),
  hostattrs: (attrs, release, architecture) => say(attrs, "fedora", release, architecture),
});

/** The host has RHEL or a rebuild of it (Rocky, Alma, CentOS Stream), of that number. */
export const enterpriseLinux = posixProperty<[release: string, architecture: string]>(
  "os.enterpriseLinux",
  {
    args: releaseAndArchitecture,
    desc: (release, architecture) => inWords(`Enterprise Linux ${release}`, architecture),
    hostattrs: (attrs, release, architecture) => say(attrs, "redHatLike", release, architecture),
  },
);

/** The host has openSUSE or SLES, of that number (`15.6`) or name (`tumbleweed`). */
export const suse = posixProperty<[release: string, architecture: string]>("os.suse", {
  args: releaseAndArchitecture,
  desc: (release, architecture) => inWords(`SUSE ${release}`, architecture),
  hostattrs: (attrs, release, architecture) => say(attrs, "suse", release, architecture),
});

/** The host has Arch Linux. */
export const arch = posixProperty<[architecture: string]>("os.arch", {
  args: architectureOnly,
  desc: (architecture) => inWords("Arch Linux", architecture),
  hostattrs: (attrs, architecture) => say(attrs, "arch", undefined, architecture),
});

/** The host has Alpine Linux, of that number. */
export const alpine = posixProperty<[release: string, architecture: string]>("os.alpine", {
  args: releaseAndArchitecture,
  desc: (release, architecture) => inWords(`Alpine ${release}`, architecture),
  hostattrs: (attrs, release, architecture) => say(attrs, "alpine", release, architecture),
});

/** The host has FreeBSD, of that number. */
export const freebsd = posixProperty<[release: string, architecture: string]>("os.freebsd", {
  args: releaseAndArchitecture,
  desc: (release, architecture) => inWords(`FreeBSD ${release}`, architecture),
  hostattrs: (attrs, release, architecture) => say(attrs, "freebsd", release, architecture),
});

function inWords(name: string, architecture: string | undefined): string {
  return architecture === undefined ? name : `${name} (${architecture})`;
}

function say(attrs: Hostattrs, osClass: OsClass, suite?: string, architecture?: string): void {
  attrs.push(osAttr, { class: osClass, ...defined({ suite, architecture }) });
}
