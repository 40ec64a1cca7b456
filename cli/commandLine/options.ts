/**
 * The options that several commands have, and those of the commands that leave a journal: what these are
 * is written there, and is read again when the run goes on.
 */
import { Option } from "commander";
import { z } from "zod";
import { flag, group, optional, preset, required } from "./flag.js";
import {
  absolutePath,
  seconds,
  secondsOrNone,
  share,
  text,
  toggle,
  whole,
  width,
  words,
} from "./sorts.js";

const consfig = optional(
  "-c, --consfig <file>",
  "the consfig; the nearest consfig.ts in this directory or above",
  text,
);
const verbosity = flag(
  z.int().default(0),
  [
    new Option(
      "-v, --verbose",
      "tell more: -v what is unchanged, -vv what is inside, -vvv commands",
    ).argParser((_word, before: number | undefined) => (before ?? 0) + 1),
    new Option("-q, --quiet", "tell of failures only").conflicts("verbose"),
  ],
  ({ verbose, quiet }) => (quiet ? -1 : verbose),
);

/** What almost all commands have. */
export const common = { consfig, verbosity };

/** What all commands have that print something programs may want to read. */
export const looking = {
  ...common,
  json: preset(false, "--json", "print lines of JSON for programs", toggle),
};

const acceptNewHostKey = preset(
  false,
  "--accept-new-host-key",
  "accept, and remember, keys of hosts that are not known yet",
  toggle,
);

/** What is said anew when a run goes on. */
export const anew = {
  ...looking,
  askSudo: preset(false, "-K, --ask-sudo", "ask for the password that sudo will want", toggle),
};

/** See {@link anew}. */
export type AnewOptions = z.output<z.ZodObject<typeof anew>>;

const running = {
  parallel: preset("auto", "--parallel <number>", "as many hosts at once, or auto", width),
  /** 0: this one. Left out: as many as are worth it. */
  threads: optional(
    "--threads <number>",
    "threads that do it (default: as many as are worth it)",
    whole,
  ),
  rolling: optional("--rolling <share>", "so many may be out of service at once: 2, 10%", share),
  maxFailures: optional(
    "--max-failures <share>",
    "begin no other when more have failed: 0, 5%",
    share,
  ),
  canary: optional(
    "--canary <hosts>",
    "these, or so many, go first; the others when all is well",
    text,
  ),
  /** How each host is deployed. */
  each: group({
    acceptNewHostKey,
    retries: preset(0, "--retry <number>", "try again so often to connect", whole),
    timeoutMs: optional("--timeout <seconds>", "cancel a host that takes longer", seconds),
    silenceMs: optional(
      "--silence <seconds>",
      "end a command that prints nothing for so long",
      seconds,
    ),
  }),
  lockWaitMs: preset(
    5000,
    "--lock-wait <seconds>",
    "wait so long for a host that somebody else deploys",
    secondsOrNone,
  ),
};

/** How hosts are deployed, whatever is. */
export type RunningOptions = z.output<z.ZodObject<typeof running>>;

/** The options of the commands that leave a journal, less those that are said anew. */
export const recorded = {
  deploy: z.strictObject({
    ...running,
    only: preset(
      [],
      "--only <property>",
      "only these properties: an id, its first part, or words of the description; or those hosts\nthat an earlier run left failed@last, unreachable@RUN, notBegun@…, changed@…; may be repeated",
      words,
    ),
  }),
  apply: z.strictObject({
    ...running,
    all: preset(false, "--all", "on all hosts (default: false)", toggle),
    unapply: preset(false, "--unapply", "unapply them (default: false)", toggle),
  }),
  dump: z.strictObject({
    ...running,
    to: required("--to <file>", "its path on the host", absolutePath),
    form: optional(
      "--form <form>",
      "what it evaluates: a form's id, then its arguments with commas between (default: it makes the host as the consfig says)",
      text,
    ),
  }),
};

/** A command that leaves a journal. */
export type RecordedCommand = keyof typeof recorded;

/** What is recorded of the command's options. */
export type RecordedOptions<C extends RecordedCommand> = z.output<(typeof recorded)[C]>;
