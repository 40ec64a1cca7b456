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

const codes = { SIGINT: exitCode.interrupted, SIGTERM: exitCode.terminated, SIGHUP: 129 } as const;

/** Signals are heeded from now on. The second one ends this process at once. */
export function heedSignals(onFirst: () => void): Interruption {
  const controller = new AbortController();
  // Every host listens, and everything it does: that many are no leak.
  setMaxListeners(0, controller.signal);
  let code: number | undefined;
  const heed = (signal: keyof typeof codes) => {
    if (code !== undefined) process.exit(code);
    code = codes[signal];
    onFirst();
    controller.abort();
  };
  const signals = Object.keys(codes) as (keyof typeof codes)[];
  const heeds = signals.map((signal) => ({ signal, heed: () => heed(signal) }));
  for (const { signal, heed } of heeds) process.on(signal, heed);
  return {
    signal: controller.signal,
    get exitCode() {
      return code;
    },
    end: () => {
      for (const { signal, heed } of heeds) process.removeListener(signal, heed);
    },
  };
}
