/** How a process beyond some hops does what it is given to do. */
import { z } from "zod";
import { inWords } from "../../core/index.js";
import { ask, form, tell } from "../../zygote/client.js";
import { BrokenProperty, ConsfigError, MissingData } from "../base/index.js";
import { Connattrs } from "../connect/index.js";
import { type DataItem, dataItem } from "../model/index.js";
import { preparedFromWire } from "../prepare/index.js";
import {
  answer,
  applyFormId,
  type KeptItem,
  keepData,
  keptItem,
  mostLeftRunning,
  openEndpoint,
  order,
  orderResult,
} from "../remote/index.js";
import { type ApplicationEvent, ErrorEncoder, KnownSecrets, Reporter } from "../report/index.js";
import type { LeftProcess } from "../shell/index.js";
import { hopContext } from "./hopContext.js";

// This form carries out an order: it tells what happens and asks for data. SIGTERM ends it politely.
form(applyFormId, {
  args: z.tuple([order]),
  value: orderResult,
  evaluate: async ({ host, hops, connattrs, hostname, ...request }) => {
    const errors = new ErrorEncoder();
    const secrets = new KnownSecrets();
    const cancelled = new AbortController();
    process.once("SIGTERM", () => cancelled.abort());
    const leftRunning: LeftProcess[] = [];
    try {
      const prepared = preparedFromWire(host);
      const told = (event: ApplicationEvent) => tell(errors.eventToWire(event));
      const reporter = new Reporter(told, secrets, leftRunning);
      const { signal } = cancelled;
      const { terms } = request;
      const context = hopContext({ hostname, terms, signal, reporter, secrets, data: askForData });
      const endpoint = await openEndpoint(hops, context, new Connattrs(connattrs));
      try {
        const outcome = await endpoint.apply({ ...request, host: prepared, reporter, signal });
        return { outcome, leftRunning: leftRunning.slice(0, mostLeftRunning) };
      } finally {
        await endpoint.close();
      }
    } catch (thrown) {
      const failed = errors.toWire(secrets.hideIn(known(thrown)));
      return { failed, leftRunning: leftRunning.slice(0, mostLeftRunning) };
    }
  },
});

/**
 * The item, from whoever gave the order. If this host keeps that version already only the version
 * is sent.
 */
async function askForData(iden1: string, iden2: string): Promise<DataItem> {
  const kept = keptItem(iden1, iden2);
  const { version, content } = await newestOf(iden1, iden2, kept);
  if (content !== kept?.content && !iden1.startsWith("--user-passwd--")) {
    keepData(iden1, iden2, version, content);
  }
  return dataItem(iden1, iden2, version, content);
}

/** The item as whoever gave the order has it. */
async function newestOf(
  iden1: string,
  iden2: string,
  kept: KeptItem | undefined,
): Promise<KeptItem> {
  const about = { iden1, iden2, ...(kept && { have: kept.version }) };
  const pieces: Uint8Array[] = [];
  let version: string | undefined;
  for (let from = 0; ; ) {
    const one = answer.parse(await ask({ ...about, from }));
    if (!("piece" in one)) {
      if (kept) return kept;
      throw new MissingData(`an answer without (${iden1}, ${iden2})`, { iden1, iden2 });
    }
    const isAnother = from > 0 && one.version !== version;
    version = one.version;
    // The item has changed between two pieces: it is asked for from the beginning.
    if (isAnother) {
      pieces.length = 0;
      from = 0;
      continue;
    }
    pieces.push(one.piece);
    from += one.piece.length;
    if (from >= one.size) return { version, content: Buffer.concat(pieces) };
  }
}

function known(thrown: unknown): ConsfigError {
  if (thrown instanceof ConsfigError) return thrown;
  return new BrokenProperty(inWords(thrown), {}, { cause: thrown });
}
