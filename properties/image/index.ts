/** Executables of this program, made on the host. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { reachableRuntime } from "../../engine/executable/index.js";
import {
  AbortedChange,
  dumpExecutable,
  type Form,
  inOrderUntil,
  isError,
  isGrandchild,
  nodeProperty,
  type Propspec,
  runsFrom,
  unapplied,
  WrongExecutionContextForImageDump,
  withUnapply,
} from "../../engine/index.js";
import { continueDeployId } from "../../engine/prepare/index.js";

const absolute = z.string().regex(/^\/[^\0]*[^/\0]$/, "expected an absolute path");
const formSchema = z.custom<Form>(
  (value) =>
    z.strictObject({ form: z.string(), args: z.array(z.unknown()) }).safeParse(value).success,
  "expected a form",
);
const optionsSchema = z.strictObject({
  always: z.boolean().exactOptional(),
  mode: z.int().min(0).max(0o7777).exactOptional(),
});

/** When an executable is made, and for whom. */
export interface ImageOptions {
  /** Whether the executable is made also by a process that runs from that very file. True with a form. */
  readonly always?: boolean;
  /** 0755 by default; 0700 in the cache. */
  readonly mode?: number;
}

/**
 * The file is an executable that has this program's modules in it and evaluates the form: a whole Node,
 * about 110 MB, which needs no Node and no network. Without a form it applies what the deployment that
 * makes it does; without a file it is `~/.cache/consfigurator/images/latest`. Made of the same, it is
 * left alone; else it is replaced at once, even while it runs.
 *
 * In a chroot or container that was entered there is no Node to make it of: use
 * `inOrderUntil(WrongExecutionContextForImageDump, image.dumped(), …)` for what follows from it.
 *
 * @example image.dumped("/usr/local/bin/web", serves(8080))
 */
export const dumped = nodeProperty<[file?: string, form?: Form, options?: ImageOptions]>(
  "image.dumped",
  {
    args: z.tuple([
      absolute.exactOptional(),
      formSchema.exactOptional(),
      optionsSchema.exactOptional(),
    ]),
    desc: (file = "the latest image", form) =>
      form && form.form !== continueDeployId
        ? `${file} evaluates ${form.form}`
        : `${file} applies this host's properties`,
    apply: async (host, file, form, { always = form !== undefined, mode } = {}) => {
      const target = file ?? latestIn((await host.account()).home);
      if (!always && runsFrom(target)) return "unchanged";
      const task = { prerequest: null, request: form ?? host.deployment() };
      try {
        reachableRuntime(); // throws before anything is changed
        if (file !== undefined) return await dumpExecutable(target, task, mode);
        await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
        return await dumpExecutable(target, task, mode ?? 0o700);
      } catch (error) {
        throw told(error);
      }
    },
  },
);

/** Where an executable is that no name was given to, below a home. */
export function latestIn(home: string): string {
  return path.join(home, ".cache/consfigurator/images/latest");
}

/**
 * Shell text by which uid 0 runs its latest executable: only a shell on the host knows where its
 * home is.
 */
export const runsLatestOfRoot = `exec ${latestIn("~root")}`;

/**
 * The latest executable is there, and so is what runs it, where an executable can be made. Unapplied: what
 * runs it is not there.
 */
export function withLatest(runs: Propspec<"posix", true>) {
  const both = inOrderUntil(WrongExecutionContextForImageDump, dumped(), runs);
  return withUnapply([both], [unapplied(runs)]);
}

/** Where nothing was entered, the error is no reason to leave out what follows. */
function told(error: unknown): unknown {
  if (!isError(error, WrongExecutionContextForImageDump) || isGrandchild()) return error;
  return new AbortedChange(error.message, error.facts);
}
