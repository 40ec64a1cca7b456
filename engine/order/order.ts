/** How a process beyond some hops does what it is given to do. */
import { z } from "zod";
import { ask, tell } from "../../zygote/conversation.js";
import { form } from "../../zygote/form.js";
import { preparedFromWire } from "../arrival.js";
import { Connattrs } from "../connattrs.js";
import type { DataItem } from "../data.js";
import { BrokenProperty, ConsfigError } from "../errors.js";
import type { Listener } from "../events.js";
import { reach } from "../farEnd.js";
import type { HopContext } from "../hop.js";
import { KnownSecrets } from "../knownSecrets.js";
import { Reporter } from "../reporter.js";
import { Secret } from "../secret.js";
import { keepData, keptItem } from "./dataCache.js";
import { ErrorsThere } from "./eventWire.js";
import { answer, carryOutId, order, orderResult } from "./wire.js";

// Carries out an order, telling what happens and asking for data. SIGTERM ends it politely.
form(carryOutId, {
  args: z.tuple([order]),
  value: orderResult,
  evaluate: async ({ host, hops, direction, connattrs, depth, silent, ...about }) => {
    const errors = new ErrorsThere();
    const secrets = new KnownSecrets();
    const cancelled = new AbortController();
    process.once("SIGTERM", () => cancelled.abort());
    try {
      const prepared = preparedFromWire(host);
      const listener: Listener = (event) => {
        const told = errors.eventToWire(event);
        if (told) tell(told);
      };
      const reporter = new Reporter(prepared.name, listener, secrets);
      const context: HopContext = {
        ...about,
        signal: cancelled.signal,
        report: (level, text) => reporter.inform(level, text),
        data: secrets.from(askForData),
        hide: (secret) => secrets.add(secret.reveal()),
      };
      const { signal } = cancelled;
      const farEnd = await reach(hops, context, new Connattrs(connattrs));
      try {
        const errand = { host: prepared, direction, reporter, signal, depth, silent };
        return { outcome: await farEnd.carryOut(errand) };
      } finally {
        await farEnd.close();
      }
    } catch (thrown) {
      return { failed: errors.toWire(secrets.hideIn(known(thrown))) };
    }
  },
});

/** What is kept here is asked for by its version alone. People's passwords are not kept. */
async function askForData(iden1: string, iden2: string): Promise<DataItem> {
  const kept = keptItem(iden1, iden2);
  const question = { iden1, iden2, ...(kept && { have: kept.version }) };
  const { version, content: sent } = answer.parse(await ask(question));
  const content = sent ?? kept?.content ?? new Uint8Array();
  if (sent && !iden1.startsWith("--user-passwd--")) keepData(iden1, iden2, version, content);
  const asSecret = () => new Secret(Buffer.from(content).toString("utf8"));
  return { iden1, iden2, version, content, asSecret };
}

function known(thrown: unknown): ConsfigError {
  if (thrown instanceof ConsfigError) return thrown;
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new BrokenProperty(text, {}, { cause: thrown });
}
