/** Runs for specs of journals, without any deployment. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type {
  ConsfigError,
  DeploymentEvent,
  DeploymentReport,
  Item,
} from "../../../engine/index.js";
import { Journal } from "../../../engine/journal/journal.js";
import type { RunHeader } from "../../../engine/journal/records.js";

export const consfig = "/somewhere/consfig.ts";

/** Journals are kept in a directory of the test's own. */
export function ownState(t: { after(end: () => void): void }): string {
  const directory = mkdtempSync(path.join(tmpdir(), "state-"));
  const before = process.env.XDG_STATE_HOME;
  process.env.XDG_STATE_HOME = directory;
  t.after(() => {
    if (before === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = before;
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** The names of the journals that are kept. */
export function kept(directory: string): readonly string[] {
  return readdirSync(path.join(directory, "consfigurator", "runs")).sort();
}

export function headerOf(...names: readonly string[]): RunHeader {
  return {
    consfig,
    command: { name: "deploy", words: names, options: { parallel: 10 } },
    hosts: names.map((host) => ({
      host,
      chain: `ssh ${host}`,
      tags: ["web"],
      plan: `plan ${host}`,
    })),
  };
}

export function begin(...names: readonly string[]): Promise<Journal> {
  return Journal.begin(headerOf(...names));
}

export function itemOf(path: string, more: Partial<Item> = {}): Item {
  const depth = path.split(".").length - 2;
  return { path, depth, id: "file.hasContent", desc: `item ${path}`, silent: false, ...more };
}

export function connecting(host: string): DeploymentEvent {
  return { host, type: "connecting", chain: `ssh ${host}` };
}

export function began(host: string, item: Item): DeploymentEvent {
  return { host, type: "started", item };
}

export function ended(
  host: string,
  item: Item,
  how: "changed" | "unchanged" | "interrupted" | "left" | ConsfigError = "changed",
): DeploymentEvent {
  const ending =
    how === "changed" || how === "unchanged"
      ? ({ outcome: how } as const)
      : how === "interrupted"
        ? ({ outcome: how, reason: "cancelled" } as const)
        : how === "left"
          ? ({ outcome: "notReached", reason: "an earlier step failed", needed: true } as const)
          : ({ outcome: "failed", error: how } as const);
  return { host, type: "ended", item, ending, durationMs: 12.6 };
}

export function finished(host: string, more: Partial<DeploymentReport> = {}): DeploymentEvent {
  const report: DeploymentReport = {
    host,
    chain: `ssh ${host}`,
    changed: true,
    counts: { changed: 1, unchanged: 0, failed: 0, notReached: 0 },
    failures: [],
    durationMs: 1234.5,
    traffic: { commands: 3, roundTrips: 2, bytesSent: 100, bytesReceived: 200 },
    ...more,
  };
  return { host, type: "finished", report };
}
