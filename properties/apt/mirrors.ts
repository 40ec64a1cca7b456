import { z } from "zod";
import {
  hostattr,
  InapplicableProperty,
  type LookingHost,
  posixProperty,
} from "../../engine/index.js";
import { findOwnFiles, type OwnFile, writeOwnFiles } from "../file/shared.js";
import * as os from "../os/index.js";
import { uri } from "./names.js";
import { stanza } from "./stanza.js";

/** Where the host gets its distribution's packages from. All count. */
export const mirrorsAttr = hostattr("apt.mirrors", uri);

/** Where it gets their security updates from. All count. */
export const securityMirrorsAttr = hostattr("apt.securityMirrors", uri);

/** The host's distribution is to be had from these mirrors: see {@link standardSources}. */
export const mirrors = posixProperty<[...uris: string[]]>("apt.mirrors", {
  args: z.tuple([uri], uri),
  desc: (...uris) => `mirrors ${uris.join(", ")}`,
  hostattrs: (attrs, ...uris) => attrs.pushNew(mirrorsAttr, ...uris),
});

/** The security updates of the host's distribution are to be had from these mirrors. */
export const securityMirrors = posixProperty<[...uris: string[]]>("apt.securityMirrors", {
  args: z.tuple([uri], uri),
  desc: (...uris) => `security mirrors ${uris.join(", ")}`,
  hostattrs: (attrs, ...uris) => attrs.pushNew(securityMirrorsAttr, ...uris),
});

/** The mirrors are those of the host around this one, if that says any. */
export const usesParentMirrors = posixProperty<[]>("apt.usesParentMirrors", {
  args: z.tuple([]),
  desc: () => "mirrors of the host around",
  hostattrs(attrs) {
    attrs.pushNew(mirrorsAttr, ...(attrs.parent?.get(mirrorsAttr) ?? []));
    attrs.pushNew(securityMirrorsAttr, ...(attrs.parent?.get(securityMirrorsAttr) ?? []));
  },
});

/** What a distribution's own sources consist of. */
const distributions = {
  debian: {
    components: "main contrib non-free non-free-firmware",
    further: ["-updates", "-backports"],
  },
  ubuntu: {
    components: "main restricted universe multiverse",
    further: ["-updates", "-backports"],
  },
} as const;

/**
 * apt's sources are the host's release, with its updates, backports and security updates, from the
 * mirrors the host says it has. What `/etc/apt/sources.list` says is gone.
 *
 * @example onChange(apt.standardSources(), apt.updated())
 */
export const standardSources = posixProperty<[]>("apt.standardSources", {
  args: z.tuple([]),
  desc: () => "standard sources of packages",
  hostattrs(attrs) {
    attrs.require(os.debianlike);
    const lacks = [mirrorsAttr, securityMirrorsAttr].find((attr) => attrs.get(attr).length === 0);
    if (!lacks || (lacks === securityMirrorsAttr && attrs.satisfies(os.a("debianUnstable"))))
      return;
    throw new InapplicableProperty(`${attrs.hostname} does not say which ${lacks.key} it has`, {
      hint: `say ${lacks.key}("https://…") before`,
    });
  },
  check: (host) => findOwnFiles(host, standardFiles(host)),
  async apply(host) {
    await writeOwnFiles(host, standardFiles(host));
    return "changed";
  },
});

function standardFiles(host: LookingHost): OwnFile[] {
  const { attrs } = host;
  const id = attrs.satisfies(os.a("ubuntu")) ? "ubuntu" : "debian";
  const { components, further } = distributions[id];
  const suite = os.osOf(attrs)?.suite ?? "unstable";
  const isRelease = !attrs.satisfies(os.a("debianUnstable"));
  const common = {
    components: components.split(" "),
    signedBy: `/usr/share/keyrings/${id}-archive-keyring.gpg`,
  };
  const suites = isRelease ? [suite, ...further.map((more) => suite + more)] : [suite];
  const security = { uris: attrs.get(securityMirrorsAttr), suites: [`${suite}-security`] };
  const content = [
    stanza({ ...common, uris: attrs.get(mirrorsAttr), suites }),
    ...(isRelease ? [stanza({ ...common, ...security })] : []),
  ].join("\n");
  return [
    { path: `/etc/apt/sources.list.d/${id}.sources`, content },
    { path: "/etc/apt/sources.list", content: "" },
  ];
}
