import { type DeploymentOptions, deployPrepared } from "../deploy/index.js";
import type { Chain, FindData, PreparedHost } from "../model/index.js";
import type { DeploymentReport, Listener } from "../report/index.js";

/** A host's deployment as plain data: whoever has loaded the same modules can carry it out. */
export interface HostTask {
  readonly chain: Chain;
  readonly host: PreparedHost;
  /** The name that the chain leads to. */
  readonly hostname: string;
  readonly options: Omit<DeploymentOptions, "listener" | "signal">;
}

/** Whoever has a task carried out: is told what happens, and has what only the root process has. */
export interface Attendant {
  readonly listener: Listener;
  readonly signal: AbortSignal;
  readonly data: FindData;
  readonly admit: (server: string, signal: AbortSignal | undefined) => Promise<() => void>;
  /** Rejects when it is left behind: nobody waits for it any more. */
  readonly late?: Promise<never>;
  /** What has to be so before the host is contacted. */
  readonly before?: () => Promise<void>;
}

/** A way to have tasks carried out. */
export type Deployer = (task: HostTask, attendant: Attendant) => Promise<DeploymentReport>;

/** Carries out the task in this very thread. */
export const deployHere: Deployer = (task, { listener, signal, late: _, ...attendant }) => {
  const { chain, host, hostname, options } = task;
  return deployPrepared(chain, host, { hostname, ...attendant }, { ...options, listener, signal });
};
