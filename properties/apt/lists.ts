import { z } from "zod";
import { type LookingHost, posixProperty, script, sh } from "../../engine/index.js";
import * as os from "../os/index.js";
import {
  aptEnvironment,
  aptGet,
  changePackages,
  runApt,
  updateLists,
  updateStamp,
} from "./aptGet.js";
import { fields } from "./dpkg.js";

const nothing = z.tuple([]);
const age = z.strictObject({ olderThanHours: z.number().positive().exactOptional() });

/** When the lists are to be fetched again. */
export interface UpdateOptions {
  /** Only when they are older than that, or than the list of sources. */
  readonly olderThanHours?: number;
}

/**
 * apt knows what there is in its sources now, or, with `olderThanHours`, knew it so long ago.
 *
 * @example apt.updated({ olderThanHours: 12 })
 */
export const updated = posixProperty<[options?: UpdateOptions]>("apt.updated", {
  args: z.tuple([age.exactOptional()]),
  desc: ({ olderThanHours } = {}) =>
    olderThanHours === undefined ? "apt updated" : `apt updated within ${olderThanHours} h`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: async (host, { olderThanHours } = {}) =>
    olderThanHours !== undefined && (await listsAreNewerThan(host, olderThanHours * 3600)),
  apply: (host) => updateLists(host),
});

/** Times are the host's own. Lists that are missing, or older than the sources, are not new. */
async function listsAreNewerThan(host: LookingHost, seconds: number): Promise<boolean> {
  const { lines } = await host.query(
    script`date +%s
set -- /var/lib/apt/lists/*_*; [ -e "$1" ] || exit 1
echo lists; stat -c %Y -- ${updateStamp} /var/lib/apt/lists 2>/dev/null
echo sources; stat -c %Y -- /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/sources.list.d/* 2>/dev/null
:`,
    { mayFail: true },
  );
  const [now, ...rest] = lines;
  const split = rest.indexOf("sources");
  if (split < 0) return false;
  const lists = Math.max(0, ...rest.slice(1, split).map(Number));
  const sources = Math.max(0, ...rest.slice(split + 1).map(Number));
  return lists >= sources && Number(now) - lists < seconds;
}

/** Every package is in the newest version there is, with what that newly needs. */
export const upgraded = posixProperty<[]>("apt.upgraded", {
  args: nothing,
  desc: () => "all packages upgraded",
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: (host) => wouldDoNothing(host, "dist-upgrade"),
  apply: (host) => changePackages(host, ["dist-upgrade"]),
});

/** No package is installed that was installed for another's sake which is gone. */
export const autoremoved = posixProperty<[]>("apt.autoremoved", {
  args: nothing,
  desc: () => "packages nothing needs removed",
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: (host) => wouldDoNothing(host, "autoremove"),
  apply: (host) => changePackages(host, ["autoremove"]),
});

async function wouldDoNothing(host: LookingHost, verb: string): Promise<boolean> {
  const simulation = aptGet(["--simulate", verb]);
  const { exitCode, lines } = await host.query(simulation, { mayFail: true, env: aptEnvironment });
  return exitCode === 0 && !lines.some((line) => /^(Inst|Remv|Purg|Conf) /.test(line));
}

/** No package is half installed: what broke off has been brought to an end. */
export const allConfigured = posixProperty<[]>("apt.allConfigured", {
  args: nothing,
  desc: () => "all packages configured",
  hostattrs: (attrs) => attrs.require(os.debianlike),
  async check(host) {
    const [{ lines }, nothingBrokeOff] = await Promise.all([
      host.query(sh`dpkg-query --show --showformat=${fields("db:Status-Abbrev")}`),
      host.test(script`set -- /var/lib/dpkg/updates/[0-9]*; [ ! -e "$1" ]`),
    ]);
    return nothingBrokeOff && lines.every((line) => /^.[nic]/.test(line));
  },
  async apply(host) {
    await runApt(host, sh`dpkg --configure --pending`);
    return "changed";
  },
});

/** apt keeps no package files that it has fetched. */
export const cacheCleaned = posixProperty<[]>("apt.cacheCleaned", {
  args: nothing,
  desc: () => "apt's cache cleaned",
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: (host) =>
    host.test(script`set -- /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb
for file; do [ ! -e "$file" ] || exit 1; done`),
  async apply(host) {
    await runApt(host, sh`apt-get clean`);
    return "changed";
  },
});
