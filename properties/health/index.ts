/**
 * What is true when a service answers. Each waits for it, so that what follows comes after: as the
 * last of a host's properties it makes a deployment of the next hosts wait until this one is well.
 */
import { z } from "zod";
import { posixProperty, type Words } from "../../engine/index.js";
import { commandInWords } from "../cmd/shared.js";
import { lookAtUrl } from "./http.js";
import { becomesWell, isWell, type Look } from "./look.js";
import { lookAtPort } from "./port.js";

/** How long a service may take. */
export interface Patience {
  /** Whole seconds; 30 by default. It is looked at once more each second. */
  readonly withinSeconds?: number;
}

/** Which port, and how long it may take. */
export interface PortOptions extends Patience {
  /** A name or address as the host knows it; 127.0.0.1 by default. */
  readonly host?: string;
}

/** What the answer has to be like, and how long it may take. */
export interface HttpOptions extends Patience {
  /** A status, or the lowest and the highest; 200 by default. */
  readonly status?: number | readonly [from: number, to: number];
  /** Text that is in the first megabyte of the body. */
  readonly bodyContains?: string;
  /** Whether any certificate will do. */
  readonly insecure?: boolean;
}

const defaultSeconds = 30;
const withinSeconds = z.int().min(0).max(86_400).exactOptional();
const status = z.int().min(100).max(999);

/**
 * Something accepts TCP connections at the port.
 *
 * The host itself connects: with bash, else with `nc -z`. With neither, a port of 127.0.0.1, ::1 or
 * localhost is looked up in /proc/net/tcp and tcp6: some process listens on it, at any address.
 *
 * @throws Unhealthy when nothing does within the time
 */
export const port = posixProperty<[port: number, options?: PortOptions]>("health.port", {
  args: z.tuple([
    z.int().min(1).max(65_535),
    z
      .strictObject({
        host: z
          .string()
          .regex(/^[A-Za-z0-9_:.%][A-Za-z0-9_:.%-]*$/, "expected a name or an address")
          .exactOptional(),
        withinSeconds,
      })
      .exactOptional(),
  ]),
  desc: (...args) => `${portInWords(...args)} answers`,
  check: (host, ...args) => isWell(host, portLook(...args)),
  apply: (host, ...args) =>
    becomesWell(host, portLook(...args), args[1]?.withinSeconds ?? defaultSeconds, (seen) => {
      const why = seen.replace(/^.*: /s, "");
      return { text: `nothing accepts connections at ${portInWords(...args)}: ${why}` };
    }),
});

function portInWords(port: number, { host }: PortOptions = {}): string {
  return host === undefined ? `port ${port}` : `port ${port} of ${host}`;
}

function portLook(port: number, { host = "127.0.0.1" }: PortOptions = {}): Look {
  return lookAtPort(host, port);
}

/**
 * A GET of the URL is answered with that status, and that text in its body.
 *
 * The host itself asks, with curl or else wget, busybox's too; no proxy is used and each attempt may
 * take 5 s. A redirection is an answer like any other. busybox's wget does not check certificates; no
 * wget shows the body of an answer that is an error.
 *
 * @throws Unhealthy when it is not answered so within the time, or neither curl nor wget is there
 * @example health.http("http://localhost:8080/ready", { bodyContains: "ok", withinSeconds: 60 })
 */
export const http = posixProperty<[url: string, options?: HttpOptions]>("health.http", {
  args: z.tuple([
    z.url({ protocol: /^https?$/, error: "expected a URL of http or https" }),
    z
      .strictObject({
        status: z.union([status, z.tuple([status, status])]).exactOptional(),
        bodyContains: z.string().min(1).exactOptional(),
        insecure: z.boolean().exactOptional(),
        withinSeconds,
      })
      .exactOptional(),
  ]),
  desc: (url) => `${url} answers`,
  check: (host, ...args) => isWell(host, httpLook(...args)),
  apply: (host, ...args) =>
    becomesWell(host, httpLook(...args), args[1]?.withinSeconds ?? defaultSeconds, (seen) => ({
      text: `${args[0]} does not answer as it should: ${seen}`,
    })),
});

function httpLook(url: string, options: HttpOptions = {}): Look {
  const { status = 200, bodyContains = "", insecure = false } = options;
  const range = typeof status === "number" ? ([status, status] as const) : status;
  return lookAtUrl(url, { status: range, bodyContains, insecure });
}

/**
 * The command, which only looks, ends with exit code 0. It is run anew until it does, and ended when
 * the time is over. First it is given 5 s only, where the host has `timeout`.
 *
 * @throws Unhealthy with the last lines that it printed
 * @example health.command(sh`pg_isready -q`, { withinSeconds: 60 })
 */
export const command = posixProperty<[words: Words, options?: Patience]>("health.command", {
  args: z.tuple([
    z.array(z.union([z.string(), z.number()])).min(1),
    z.strictObject({ withinSeconds }).exactOptional(),
  ]),
  desc: (words) => `${commandInWords(words)} succeeds`,
  check: (host, words) => isWell(host, commandLook(words)),
  apply: (host, words, { withinSeconds = defaultSeconds } = {}) =>
    becomesWell(host, commandLook(words), withinSeconds, (seen) => {
      const [, output = "", ending] = /^(.*?)\n?(exit code \d+)$/s.exec(seen) ?? [];
      return { text: `${commandInWords(words)} does not succeed: ${ending ?? seen}`, output };
    }),
});

const runCommand = `
limited "$left" "$@" && return 0
code=$?
printf '\\nexit code %s\\n' "$code"; return "$code"`;

function commandLook(words: Words): Look {
  return { text: runCommand, words };
}
