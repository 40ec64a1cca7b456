/**
 * The hop `ssh`. ssh_config is read in `config.ts`, known_hosts in `knownHosts.ts`; `route.ts` plans the way
 * with its jump hosts, and `choose.ts` decides who connects: the library ssh2 (`ssh2Transport.ts`) or the
 * program `ssh` (`systemTransport.ts`). `hostKeyVerifier.ts` judges host keys, `failures.ts` explains errors.
 *
 * This room may import the engine.
 */
import { z } from "zod";
import { reasonOf } from "../../core/index.js";
import { type HopCommand, hopType, loginShellLine } from "../../engine/index.js";
import { openSsh, type SshOptions } from "./openSsh.js";
import { checkOptions } from "./options.js";
import { laterWords } from "./systemWords.js";

/** How a host is reached by SSH. Everything left out comes from ssh_config, as for the command `ssh`. */
export interface SshHopOptions extends Omit<SshOptions, "host" | "acceptNewHostKey"> {
  /** An alias or a name, as one would give it to `ssh`; the host's own name by default. */
  readonly host?: string;
}

const options = {
  host: z.string().min(1).exactOptional(),
  user: z.string().min(1).exactOptional(),
  port: z.int().min(1).max(65535).exactOptional(),
  identityFile: z.string().min(1).exactOptional(),
  configFile: z.string().min(1).exactOptional(),
  knownHostsFiles: z.array(z.string().min(1)).exactOptional(),
  transport: z.enum(["ssh2", "system"]).exactOptional(),
  connectTimeoutMs: z.number().positive().exactOptional(),
};
const asFirst: z.ZodType<SshHopOptions> = z.strictObject(options);

/** A later hop is always the `ssh` of the host before, and is told the options as its words. */
const asLater: z.ZodType<SshHopOptions> = z
  .strictObject({
    ...options,
    transport: z
      .literal("system", "a later ssh hop is the ssh program of the host before it")
      .exactOptional(),
  })
  .superRefine((given, refinement) => {
    try {
      checkOptions({ host: "by-default", ...given });
    } catch (error) {
      refinement.addIssue({ code: "custom", message: reasonOf(error) });
    }
  });

/**
 * Another machine, by SSH. As the first hop it starts at this machine and honours ssh_config, the
 * agent, ProxyJump and known_hosts; as a later hop it is the `ssh` program of the host before, with
 * what is configured there, and files are those of that host.
 *
 * Unknown and changed host keys are refused. Nobody is asked for a password.
 */
export const ssh = hopType<"posix", [options?: SshHopOptions]>("ssh", {
  gives: "posix",
  args: z.tuple([asFirst.exactOptional()]),
  argsLater: z.tuple([asLater.exactOptional()]),
  desc: ({ hostname }, { host = hostname, user, port } = {}) =>
    `ssh ${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`,
  open: async (context, given = {}) => {
    const { hostname, acceptNewHostKey = false } = context;
    return openSsh({ host: hostname, ...given, acceptNewHostKey }, context);
  },
  async wrap({ hostname, acceptNewHostKey }, shell, given = {}): Promise<HopCommand> {
    const options = { host: hostname, ...given, acceptNewHostKey: acceptNewHostKey ?? false };
    return { words: ["ssh", ...laterWords(options), "--", options.host, loginShellLine(shell)] };
  },
});
