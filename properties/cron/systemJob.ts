import { z } from "zod";
import {
  AbortedChange,
  type Finding,
  posixProperty,
  propList,
  quoteWords,
  sh,
} from "../../engine/index.js";
import { findOwnFiles, inFileName, type OwnFile, together, writeOwnFiles } from "../file/shared.js";
import { accountName } from "../user/shared.js";
import { command, inCrontab, jobName, when } from "./schedule.js";

const periods = ["hourly", "daily", "weekly", "monthly"] as const;

/** When a job of the system runs: once in a period, or at the times that five fields say. */
export type SystemWhen = (typeof periods)[number] | (string & {});

/** The schema of {@link SystemWhen}. */
export const systemWhen = z.union([z.enum(periods), when]);

type Job = [name: string, when: SystemWhen, user: string, command: string];
const job = z.tuple([jobName, systemWhen, accountName, command]);

const searchPath = "/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin";

/** Every place a job of that name can have; cron ignores files with other signs in their names. */
function placesOf(name: string): string[] {
  const directories = ["d", ...periods].map((directory) => `/etc/cron.${directory}`);
  return directories.map((directory) => `${directory}/${inFileName(name)}`);
}

/** The file is its own lock, so that a job which is still running is not started once more. */
function fileOf(...[name, when, user, command]: Job): OwnFile {
  const isPeriod = periods.some((period) => period === when);
  const path = `/etc/cron.${isPeriod ? when : "d"}/${inFileName(name)}`;
  const locked = quoteWords(["flock", "-n", "-E", 0, path, "sh", "-c", command]);
  if (!isPeriod) {
    const line = `${when} ${user} ${inCrontab(locked)}`;
    return { path, content: `# ${name}\nSHELL=/bin/sh\nPATH=${searchPath}\n${line}\n` };
  }
  const run = user === "root" ? locked : `${quoteWords(sh`runuser -u ${user} --`)} ${locked}`;
  const content = `#!/bin/sh\n# ${name}\nPATH=${searchPath}; export PATH\nexec ${run}\n`;
  return { path, content, mode: 0o755 };
}

/**
 * The user's command is run at the times, and never twice at once; what it prints is mailed by cron.
 * Unapplied: it is not. Needs cron and flock.
 *
 * @example cron.systemJob("fetch mail", "*\/5 * * * *", "alice", "fetchmail --silent")
 */
export const systemJob = posixProperty<Job>("cron.systemJob", {
  args: job,
  desc: (name, when, user) => `cron job ${name} of ${user}, ${when}`,
  async check(host, ...job) {
    const file = fileOf(...job);
    const elsewhere = placesOf(job[0]).filter((path) => path !== file.path);
    const [found, ...others] = await Promise.all([
      findOwnFiles(host, [file]),
      ...elsewhere.map((path) => host.exists(path)),
    ]);
    const stray = others.map((exists): Finding => (exists ? "partly" : found));
    return together([found, ...stray]);
  },
  async apply(host, ...job) {
    const file = fileOf(...job);
    if (!(await host.exists("/etc/cron.d"))) {
      throw new AbortedChange(`there is no cron on ${host.name}`, {
        hint: 'say apt.serviceInstalledRunning("cron") before',
      });
    }
    await writeOwnFiles(host, [file]);
    await host.remove(placesOf(job[0]).filter((path) => path !== file.path));
    return "changed";
  },
  async unapply(host, name) {
    await host.remove(placesOf(name));
    return "changed";
  },
});

/** Like {@link systemJob}, and the command yields to all others. Needs nice and ionice too. */
export const niceSystemJob = propList("cron.niceSystemJob", {
  args: job,
  desc: (name, when, user) => `nice cron job ${name} of ${user}, ${when}`,
  props: (...[name, when, user, command]: Job) => [
    systemJob(name, when, user, quoteWords(sh`nice ionice -c 3 sh -c ${command}`)),
  ],
});
