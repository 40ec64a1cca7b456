import { defined } from "../../core/index.js";
import { type ApplyTerms, applyTerms, type Endpoint, partOf } from "../apply/index.js";
import { ConsfigError, isError, UsageError } from "../base/index.js";
import { Connattrs } from "../connect/index.js";
import {
  type Chain,
  dataAttr,
  describeChain,
  type FindData,
  findDataOnce,
  type Host,
  Hostattrs,
  hopTypeOf,
  inOrder,
  type Kind,
  type KindOfChain,
  keepGoing,
  newestOf,
  type PreparedHost,
  type Propspec,
} from "../model/index.js";
import { prepareHost, withOnly } from "../prepare/index.js";
import { openEndpoint } from "../remote/index.js";
import {
  type ApplicationEvent,
  type DeploymentReport,
  KnownSecrets,
  type Listener,
  leaveOut,
  Reporter,
} from "../report/index.js";
import { hopContext } from "./hopContext.js";
import { again } from "./retry.js";
import { TimeLimit } from "./timeLimit.js";

/** How a deployment is run. */
export interface DeploymentOptions extends ApplyTerms {
  /** Told of everything that happens. */
  readonly listener?: Listener;
  /** Ends the deployment when aborted: the running command is stopped on the host. */
  readonly signal?: AbortSignal;
  /** So often it is tried again to connect, where nothing answers. 0 by default. */
  readonly retries?: number;
  /** It is cancelled when it takes longer; no limit by default. */
  readonly timeoutMs?: number;
}

/**
 * The host has its own properties and then the further ones, in order; the report says what that
 * took. A property that fails, or a host that cannot be reached, is told by the report.
 *
 * @throws UsageError before any connection is made, when the consfig asks for what cannot be.
 */
export async function deploy<const C extends Chain>(
  chain: C,
  host: Host<KindOfChain<C>>,
  props: readonly Propspec<KindOfChain<C>>[] = [],
  options: DeploymentOptions = {},
): Promise<DeploymentReport> {
  const all = props.length > 0 ? keepGoing(host.propspec, inOrder(...props)) : host.propspec;
  return run(chain, { ...host, propspec: all }, options);
}

/** The host has the given properties, in order; its own only say what its hostattrs are. */
export async function deployThese<const C extends Chain>(
  chain: C,
  host: Host,
  props: readonly Propspec<KindOfChain<C>>[],
  options: DeploymentOptions = {},
): Promise<DeploymentReport> {
  return run(chain, withOnly(host, inOrder(...props)), options);
}

/** Like {@link deploy}, over the chain that the host itself names. */
export async function deployHost<K extends Kind>(
  host: Host<K>,
  props: readonly Propspec<K>[] = [],
  options: DeploymentOptions = {},
): Promise<DeploymentReport> {
  return deploy<Chain>(chainOf(host), host, props, options);
}

/** The chain a host is deployed over when none is given. @throws UsageError when it names none */
export function chainOf(host: Host): Chain {
  if (host.deploy) return host.deploy;
  throw new UsageError(`the host ${host.host} does not say how it is reached`, {
    hint: `host("${host.host}", { deploy: [ssh({ user: "root" })] }, …)`,
  });
}

async function run(
  chain: Chain,
  host: Host,
  options: DeploymentOptions,
): Promise<DeploymentReport> {
  const prepared = prepareHost(host);
  // It is reached by the name that the consfig has for it, whatever it is to call itself.
  const about = {
    hostname: host.host,
    data: findDataOnce(),
    before: () => assertSupplied(chain, prepared),
  };
  return deployPrepared(chain, prepared, about, options);
}

/** What a deployment of a prepared host needs besides it. */
export interface DeploymentContext {
  /** The name that the chain leads to. */
  readonly hostname: string;
  readonly data: FindData;
  /** What has to be so before it is contacted. */
  readonly before?: () => Promise<void>;
  /** See {@link HopContext}. */
  readonly admit?: (server: string, signal: AbortSignal | undefined) => Promise<() => void>;
}

const atTop = { depth: 0, silent: false, within: "" };

/** As {@link deploy}, of a host that has been prepared, here or elsewhere. */
export async function deployPrepared(
  chain: Chain,
  prepared: PreparedHost,
  { hostname, data, before = async () => {}, admit }: DeploymentContext,
  options: DeploymentOptions,
): Promise<DeploymentReport> {
  const { listener = () => {}, retries = 0 } = options;
  const terms = partOf(applyTerms, options);
  const begun = performance.now();
  const limit = new TimeLimit(options);
  const { signal } = limit;
  const secrets = new KnownSecrets();
  const told = (event: ApplicationEvent) => listener({ host: prepared.name, ...event });
  const reporter = new Reporter(told, secrets);
  const description = describeChain(chain, hostname);
  const state: { endpoint?: Endpoint; changed: boolean; error?: ConsfigError } = { changed: false };
  secrets.begin();
  try {
    listener({ host: prepared.name, type: "connecting", chain: description });
    const context = hopContext({
      hostname,
      terms,
      signal,
      reporter,
      secrets,
      data,
      admit: admit && ((server) => admit(server, signal)),
    });
    const endpoint = await before()
      .then(() =>
        again(() => openEndpoint(chain, context, new Connattrs()), {
          retries,
          signal,
          tell: ({ error, ...about }) =>
            listener({
              host: prepared.name,
              type: "retrying",
              ...about,
              error: secrets.hideIn(error),
            }),
        }),
      )
      .catch((error: unknown) => {
        const place = { ...atTop, reason: "no connection", needed: true };
        leaveOut(reporter, [prepared.propspec], place);
        throw error;
      });
    state.endpoint = endpoint;
    const durationMs = performance.now() - begun;
    listener({ host: prepared.name, type: "connected", chain: description, durationMs });
    const outcome = await endpoint.apply({
      host: prepared,
      direction: "apply",
      reporter,
      signal,
      ...atTop,
      terms,
    });
    state.changed = outcome === "changed";
  } catch (thrown) {
    // Before there is a connection a mistake in the consfig is the caller's to hear of.
    const early = !state.endpoint && isError(thrown, UsageError);
    const shown = secrets.hideIn(thrown);
    if (!(shown instanceof ConsfigError) || early) throw shown;
    state.error = limit.explain(shown);
  } finally {
    limit.end();
    await state.endpoint?.close();
    secrets.end();
  }
  const { counts, failures, leftRunning } = reporter;
  const report: DeploymentReport = {
    host: prepared.name,
    chain: description,
    changed: state.changed || counts.changed > 0,
    counts,
    failures,
    durationMs: performance.now() - begun,
    ...defined({
      error: state.error,
      leftRunning: leftRunning.length > 0 ? leftRunning : undefined,
      traffic: state.endpoint?.traffic,
    }),
  };
  listener({ host: prepared.name, type: "finished", report });
  return report;
}

/**
 * Beyond a Node image most of a deployment may be done before an item is asked for that nobody has:
 * it had better not begin. Over a shell only those that are needed are asked for.
 *
 * @throws MissingData
 */
export async function assertSupplied(chain: Chain, { hostattrs }: PreparedHost): Promise<void> {
  if (!chain.some(({ hop }) => hopTypeOf(hop).image)) return;
  for (const [iden1, iden2] of new Hostattrs(hostattrs).get(dataAttr)) {
    await newestOf(iden1, iden2);
  }
}
