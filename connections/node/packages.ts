import { FailedChange, oldestNode, type PosixHost, script, sh } from "../../engine/index.js";
import type { Machine } from "./machine.js";

const apt = sh`env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=60`;

/**
 * The host's packages have brought a Node; or else why they do not.
 *
 * The lists are taken as they are, and brought up to date only if they lead nowhere.
 */
export async function installPackage(
  host: PosixHost,
  { uid, hasApt }: Machine,
): Promise<string | undefined> {
  if (!hasApt) return "there is no apt-get";
  if (uid !== 0) return `packages can be installed by uid 0, not by uid ${uid}`;
  const version = await candidate(host);
  if (version === undefined) return "the package nodejs is not known";
  if (majorOf(version) < oldestNode) return `the package nodejs is ${version}`;
  host.inform(`installs the package nodejs ${version}`);
  const install = [...apt, ...sh`install --yes --no-install-recommends nodejs`];
  const first = await host.run(install, { mayFail: true });
  if (first.exitCode === 0) return undefined;
  await host.run([...apt, "update"], { mayFail: true });
  try {
    await host.run(install);
    return undefined;
  } catch (error) {
    if (error instanceof FailedChange) return error.message;
    throw error;
  }
}

async function candidate(host: PosixHost): Promise<string | undefined> {
  const { lines } = await host.query(
    script`LC_ALL=C apt-cache policy nodejs | sed -n "s/^ *Candidate: *//p"`,
    { mayFail: true },
  );
  const [version] = lines;
  return version === undefined || version === "(none)" ? undefined : version;
}

/** The major version of texts such as `18.20.4+dfsg-1~deb12u1` and `1:20.1.0`. */
function majorOf(version: string): number {
  return Number(/^(?:\d+:)?(\d+)\./.exec(version)?.[1] ?? 0);
}
