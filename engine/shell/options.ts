import { z } from "zod";
import type { Secret } from "../base/index.js";
import type { Prompt } from "../model/index.js";
import type { LeftProcess } from "./leftRunning.js";

/** How a session is opened. */
export interface SessionOptions {
  /** The chain of hops in words, for errors. */
  readonly description: string;
  /** What hops may ask on the way in. */
  readonly prompts?: readonly Prompt[];
  readonly signal?: AbortSignal;
  /** How long the way in may take; 60 s by default. */
  readonly readyTimeoutMs?: number;
}

/** What may be asked of all commands of a deployment. */
export const commandTerms = z.strictObject({
  /**
   * A command is ended when it has printed nothing for that long, and the connection when the host has
   * not even begun it. No limit by default, and 5 minutes for the begin.
   */
  silenceMs: z.number().exactOptional(),
});

/** See {@link commandTerms}. */
export type CommandTerms = Readonly<z.infer<typeof commandTerms>>;

/** How a command is run. */
export interface ExecOptions extends CommandTerms {
  /** The command changes nothing: it is run in the cheapest way. */
  readonly looks: boolean;
  /** What it is called in errors; its text by default. */
  readonly name?: string;
  /** What it reads; nothing by default. */
  readonly stdin?: string | Uint8Array | Secret;
  /** Variables set or, if undefined, unset for this command. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The directory it runs in; the account's home by default. */
  readonly cwd?: string;
  /** It is ended when it has run that long. By default 10 minutes if it looks; else there is no limit. */
  readonly timeoutMs?: number;
  /** It is ended when this is aborted. */
  readonly signal?: AbortSignal;
  /**
   * How much of stdout and of stderr is kept: half from the beginning, half from the end. 2 MiB. One
   * that looks is ended when it prints more.
   */
  readonly maxOutputBytes?: number;
  /**
   * Told of everything the command prints, as it comes. A promise holds up what comes next. What it
   * throws ends the command, and is thrown by the call that runs it.
   */
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Buffer) => void | Promise<void>;
  /** Told of what a command that changes has left running all the same, when it had to be ended. */
  readonly onLeft?: (processes: readonly LeftProcess[]) => void;
  /** The session's own shell evaluates it: what it opens as descriptor 9 stays open. Only looks. */
  readonly bySession?: boolean;
  /** It goes before all that wait for their turn. */
  readonly first?: boolean;
}

/** How a command ended, and what it printed. */
export interface ExecResult {
  readonly exitCode: number;
  /** The signal that ended it, if the exit code says that one did. */
  readonly signal?: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes of stdout and stderr that were not kept. */
  readonly dropped: number;
}

/** What limits the command. */
export type Control = CommandTerms & Pick<ExecOptions, "signal" | "onLeft">;

/** Runs shell text. */
export type ExecText = (text: string, options: ExecOptions) => Promise<ExecResult>;

/** Two ways into a session's queue: `next` is after all that wait, `again` is before all of them. */
export interface ExecLanes {
  readonly next: ExecText;
  readonly again: ExecText;
}
