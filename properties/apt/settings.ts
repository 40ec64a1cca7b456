import { z } from "zod";
import { hostattr, propList, propSpec } from "../../engine/index.js";
import { existsWithContent } from "../file/index.js";
import { inFileName } from "../file/shared.js";
import * as os from "../os/index.js";
import { fileName, oneLine, oneWord } from "./names.js";
import { installed, serviceInstalledRunning } from "./packages.js";

/** The proxy that apt uses. Newest wins. */
export const proxyAttr = hostattr("apt.proxy", z.string());

/**
 * apt's configuration has the text, in a file of that name. Unapplied: it has not.
 *
 * @example apt.configured("80retries", 'Acquire::Retries "3";')
 */
export const configured = propList("apt.configured", {
  args: z.tuple([fileName, z.string()]),
  desc: (name) => `apt configured: ${name}`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  props: (...[name, text]: [name: string, text: string]) => [
    existsWithContent(`/etc/apt/apt.conf.d/${name}`, text),
  ],
});

/** apt fetches everything by way of the proxy. Unapplied: it does not. */
export const proxy = propList("apt.proxy", {
  args: z.tuple([oneWord]),
  desc: (uri) => `apt's proxy is ${uri}`,
  hostattrs: (attrs, uri) => attrs.push(proxyAttr, uri),
  props: (...[uri]: [uri: string]) => [configured("20proxy", `Acquire::http::Proxy "${uri}";`)],
});

/** apt uses the proxy of the host around this one, if that says it has one. */
export const usesParentProxy = propSpec("apt.usesParentProxy", "posix", {
  args: z.tuple([]),
  desc: () => "apt uses the proxy of the host around",
  props(attrs) {
    const uri = attrs.parent?.first(proxyAttr);
    return uri === undefined ? [] : [proxy(uri)];
  },
});

/** apt fetches everything by way of a cache on the host itself, which is installed and runs. */
export const usesLocalCacher = propList("apt.usesLocalCacher", {
  args: z.tuple([]),
  desc: () => "apt uses a cache of its own",
  // By number: chroots that use it may know no names.
  props: () => [serviceInstalledRunning("apt-cacher-ng"), proxy("http://[::1]:3142")],
});

/** apt fetches its lists, and the packages that can be upgraded, each day. Unapplied: it does not. */
export const periodicUpdates = propList("apt.periodicUpdates", {
  args: z.tuple([]),
  desc: () => "apt updates each day",
  props: () => [
    configured(
      "02periodic",
      ["Enable", "Update-Package-Lists", "Download-Upgradeable-Packages", "Verbose"]
        .map((setting) => `APT::Periodic::${setting} "1";\n`)
        .join(""),
    ),
  ],
});

const mailOptions = z.strictObject({ mail: oneWord.exactOptional() });

/**
 * Security updates are installed by themselves, each day. Unapplied: they are not, and the program
 * for it is removed.
 */
export const unattendedUpgrades = propList("apt.unattendedUpgrades", {
  args: z.tuple([mailOptions.exactOptional()]),
  desc: ({ mail = "root" } = {}) => `security updates installed each day, mail to ${mail}`,
  props: (...[options]: [options?: { readonly mail?: string }]) => [
    configured(
      "52unattended-upgrades-mail",
      `Unattended-Upgrade::Mail "${options?.mail ?? "root"}";`,
    ),
    configured(
      "20auto-upgrades",
      'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
    ),
    installed("unattended-upgrades"),
  ],
});

/** apt fetches whole lists and not differences. Unapplied: it decides by itself. */
export const noPdiffs = propList("apt.noPdiffs", {
  args: z.tuple([]),
  desc: () => "apt fetches whole lists",
  props: () => [configured("20pdiffs", 'Acquire::PDiffs "false";')],
});

const pin = z
  .string()
  .regex(/^(release|version|origin) [^\n\r\0]+$/, "expected release …, version … or origin …");

/**
 * Of the packages, those that the pin names have that priority. Unapplied: the usual one.
 *
 * `packages` are names, patterns as for files (`linux-image-*`) or `/regular expressions/`, with
 * blanks between.
 *
 * @example apt.pinned("*", "release n=trixie", 100)
 */
export const pinned = propList("apt.pinned", {
  args: z.tuple([oneLine, pin, z.int().min(-32768).max(32767)]),
  desc: (packages, pin, priority) => `${packages} from ${pin} pinned to ${priority}`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  props: (...[packages, pin, priority]: [packages: string, pin: string, priority: number]) => [
    existsWithContent(`/etc/apt/preferences.d/10consfig_${inFileName(`${packages} ${pin}`)}`, [
      `Package: ${packages}`,
      `Pin: ${pin}`,
      `Pin-Priority: ${priority}`,
    ]),
  ],
});
