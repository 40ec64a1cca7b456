/**
 * The hop `ssh`. ssh_config is read in `config.ts`, known_hosts in `knownHosts.ts`; `route.ts` plans the way
 * with its jump hosts, and `choose.ts` decides who connects: the library ssh2 (`ssh2Transport.ts`) or the
 * program `ssh` (`systemTransport.ts`). `hostKeyVerifier.ts` judges host keys, `failures.ts` explains errors.
 *
 * This room may import the engine.
 */
import { z } from "zod";
import { type HopCommand, hopType, quoteWords, sh } from "../../engine/index.js";
import { openSsh, type SshOptions } from "./openSsh.js";

/** How a host is reached by SSH. Everything left out comes from ssh_config, as for the command `ssh`. */
export interface SshHopOptions extends Omit<SshOptions, "host" | "acceptNewHostKey"> {
  /** An alias or a name, as one would give it to `ssh`; the host's own name by default. */
  readonly host?: string;
}

const options: z.ZodType<SshHopOptions> = z.strictObject({
  host: z.string().min(1).exactOptional(),
  user: z.string().min(1).exactOptional(),
  port: z.int().min(1).max(65535).exactOptional(),
  identityFile: z.string().min(1).exactOptional(),
  configFile: z.string().min(1).exactOptional(),
  knownHostsFiles: z.array(z.string().min(1)).exactOptional(),
  transport: z.enum(["ssh2", "system"]).exactOptional(),
  connectTimeoutMs: z.number().positive().exactOptional(),
});

/**
 * Another machine, by SSH. As the first hop it starts at this machine and honours ssh_config, the
 * agent, ProxyJump and known_hosts; as a later hop it is the `ssh` program of the host before, with
 * what is configured there.
 *
 * Unknown and changed host keys are refused. Nobody is asked for a password.
 */
export const ssh = hopType<"posix", [options?: SshHopOptions]>("ssh", {
  gives: "posix",
  args: z.tuple([options.exactOptional()]),
  desc: ({ hostname }, { host = hostname, user, port } = {}) =>
    `ssh ${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`,
  open: async (context, given = {}) => {
    const { hostname, acceptNewHostKey = false } = context;
    return openSsh({ host: hostname, ...given, acceptNewHostKey }, context);
  },
  async wrap({ hostname }, shell, given = {}): Promise<HopCommand> {
    const { host = hostname, user, port, identityFile, configFile } = given;
    const options = [
      ...(user === undefined ? [] : ["-l", user]),
      ...(port === undefined ? [] : ["-p", port]),
      ...(identityFile === undefined ? [] : ["-i", identityFile]),
      ...(configFile === undefined ? [] : ["-F", configFile]),
    ];
    const strict = sh`-o BatchMode=yes -o StrictHostKeyChecking=yes`;
    return {
      words: sh`ssh -T -x ${strict} ${options} -- ${host} ${`exec ${quoteWords(shell)}`}`,
    };
  },
});
