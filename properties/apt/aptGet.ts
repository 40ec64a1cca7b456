import {
  CommandFailed,
  FailedChange,
  isError,
  type Outcome,
  type PosixHost,
  script,
  sh,
  type Words,
} from "../../engine/index.js";
import * as os from "../os/index.js";

/** How long is waited for others who are at work with apt or dpkg. */
const patienceSeconds = 300;

/**
 * Nothing is asked. LANGUAGE is for the messages of apt, which are read below; LC_ALL would be seen
 * by packages, some of which set up data for the locale they find.
 */
export const aptEnvironment = {
  DEBIAN_FRONTEND: "noninteractive",
  APT_LISTCHANGES_FRONTEND: "none",
  LANGUAGE: "en",
} as const;

/** Configuration files that were edited on the host stay as they are, the rest are replaced. */
const keepEdited = ["confdef", "confold"].flatMap((how) => [
  "-o",
  `Dpkg::Options::=--force-${how}`,
]);

/** The command that lets apt-get do that. It never asks, and waits for others who are at work. */
export function aptGet(words: Words): Words {
  const wait = `DPkg::Lock::Timeout=${patienceSeconds}`;
  return sh`apt-get --quiet --assume-yes -o ${wait} ${keepEdited} ${words}`;
}

/** apt-get has done that, and whether that changed anything that dpkg knows. */
export async function changePackages(host: PosixHost, words: Words): Promise<Outcome> {
  const before = await fingerprint(host);
  await runApt(host, aptGet(words));
  return (await fingerprint(host)) === before ? "unchanged" : "changed";
}

/** The packages are installed. When apt does not find them, it gets new lists and tries once more. */
export async function install(
  host: PosixHost,
  packages: Words,
  options: Words = [],
): Promise<Outcome> {
  const words = sh`install ${options} -- ${packages}`;
  try {
    return await changePackages(host, words);
  } catch (error) {
    if (!isStale(error)) throw error;
    host.inform("apt does not find what it should: its lists are updated");
  }
  await updateLists(host);
  return changePackages(host, words);
}

/** apt has new lists of what there is. Whether that changed any. */
export async function updateLists(host: PosixHost): Promise<Outcome> {
  const look = script`cd /var/lib/apt/lists && ls -lnL --time-style=+%s -- *_*`;
  const before = (await host.query(look, { mayFail: true })).stdout;
  // What these releases are called elsewhere changes as a matter of course.
  const rolls = (["debianTesting", "debianUnstable"] as const).some((release) =>
    host.attrs.satisfies(os.a(release)),
  );
  const options = rolls ? ["--allow-releaseinfo-change"] : [];
  // apt does not wait for the lock of the lists, so we do.
  const end = Date.now() + patienceSeconds * 1000;
  for (;;) {
    try {
      await runApt(host, aptGet(sh`update -o APT::Update::Error-Mode=any ${options}`));
      break;
    } catch (error) {
      if (!/\/lists\/lock/.test(outputOf(error)) || Date.now() > end) throw error;
      await host.run(sh`sleep 2`);
    }
  }
  await host.run(sh`touch -- ${updateStamp}`, { mayFail: true });
  return (await host.query(look, { mayFail: true })).stdout === before ? "unchanged" : "changed";
}

/** The time of this file is that of the last update; other programs keep it too. */
export const updateStamp = "/var/lib/apt/periodic/update-success-stamp";

/** A command of apt or dpkg. @throws FailedChange that says what to do, where that is known */
export async function runApt(host: PosixHost, words: Words): Promise<void> {
  try {
    // What a package says of its troubles goes to one stream, what apt says of it to the other.
    await host.run(script`exec ${words} 2>&1`, { env: aptEnvironment });
  } catch (error) {
    const complaint = complaints.find(({ said }) => said.test(outputOf(error)));
    if (!complaint || !isError(error, CommandFailed)) throw error;
    const { said, means, hint } = complaint;
    const [, what = ""] = said.exec(outputOf(error)) ?? [];
    const text = means.replace("$1", () => what);
    throw new FailedChange(text, { ...error.facts, hint }, { cause: error });
  }
}

/** What apt says, what that means, what to do about it. */
const complaints: readonly { said: RegExp; means: string; hint: string }[] = [
  {
    said: /Could not get lock (\S+?)\.? /,
    means: `another program has held $1 for more than ${patienceSeconds} s`,
    hint: "see which one, and whether it waits for an answer: ps -e -o pid,etime,args",
  },
  {
    said: /are you root\?/,
    means: "apt needs uid 0",
    hint: "connect as root, or add sudo() to the host's chain",
  },
  {
    said: /dpkg was interrupted/,
    means: "an earlier installation has broken off",
    hint: "say apt.allConfigured() before",
  },
  {
    said: /Unable to locate package (\S+)/,
    means: "apt knows no package $1",
    hint: "check the name; if another source has it, say apt.additionalSource(…) before",
  },
  {
    said: /Package '?([^'\s]+)'? has no installation candidate/,
    means: "apt has no package $1 to install",
    hint: "if it is virtual, name one of the packages that provide it",
  },
  {
    said: /Version '([^']+)' for '[^']+' was not found/,
    means: "no source has version $1",
    hint: "apt-cache policy tells which versions there are",
  },
  {
    said: /Sub-process (\S+) returned an error code/,
    means: "a package could not be set up or removed: $1 failed",
    hint: "its own message is above; once the cause is gone, apt.allConfigured() finishes the work",
  },
];

function isStale(error: unknown): boolean {
  return /Unable to locate|no installation candidate|was not found|Failed to fetch|Unable to fetch/.test(
    outputOf(error),
  );
}

function outputOf(error: unknown): string {
  return isError(error, FailedChange) ? String(error.facts.output ?? "") : "";
}

async function fingerprint(host: PosixHost): Promise<string> {
  return (await host.query(sh`cksum /var/lib/dpkg/status`)).stdout;
}
