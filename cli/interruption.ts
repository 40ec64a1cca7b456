import { setMaxListeners } from "node:events";
import { exitCode } from "./exitCode.js";

/** The person, or the system, wants the command to stop. */
export interface Interruption {
  /** Aborted by the first signal: what runs on hosts is stopped, and what was done is told. */
  readonly signal: AbortSignal;
  /** What the command's exit code is then. */
  readonly exitCode: number | undefined;
  /** Signals have their usual effect again. */
  end(): void;
}

/** Node's own: while hosts are deployed `process.exit` throws, and only the person ends this process. */
const { exit } = process;
const codes = { SIGINT: exitCode.interrupted, SIGTERM: exitCode.terminated, SIGHUP: 129 } as const;

let stopCurrent: ((code: number) => void) | undefined;

/** What is under way, if anything is, stops as if the person wanted it to, and the exit code is that. */
export function stopRun(code: number): boolean {
  stopCurrent?.(code);
  return stopCurrent !== undefined;
}

/** Signals are heeded from now on. The second one ends this process at once. */
export function heedSignals(onFirst: () => void): Interruption {
  const controller = new AbortController();
  // Every host and every command listens to the signal: many listeners are no leak.
  setMaxListeners(0, controller.signal);
  let code: number | undefined;
  const stop = (wanted: number) => {
    if (code !== undefined) return;
    code = wanted;
    onFirst();
    controller.abort();
  };
  const heed = (signal: keyof typeof codes) => {
    if (code !== undefined) exit(code);
    stop(codes[signal]);
  };
  stopCurrent = stop;
  const signals = Object.keys(codes) as (keyof typeof codes)[];
  const heeds = signals.map((signal) => ({ signal, heed: () => heed(signal) }));
  for (const { signal, heed } of heeds) process.on(signal, heed);
  return {
    signal: controller.signal,
    get exitCode() {
      return code;
    },
    end: () => {
      stopCurrent = undefined;
      for (const { signal, heed } of heeds) process.removeListener(signal, heed);
    },
  };
}
