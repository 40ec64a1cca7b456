import { defined } from "../../core/index.js";
import { type ApplyTerms, partOf } from "../apply/index.js";
import { type FindData, type HopContext, hopTerms } from "../model/index.js";
import type { KnownSecrets, Reporter } from "../report/index.js";

/** What hops are told of. */
interface Deploying {
  readonly hostname: string;
  readonly terms: ApplyTerms;
  readonly signal: AbortSignal | undefined;
  readonly reporter: Reporter;
  readonly secrets: KnownSecrets;
  readonly data: FindData;
  readonly admit?: ((server: string) => Promise<() => void>) | undefined;
}

/** What hops see of a deployment: what they tell is reported, and what they are given is hidden. */
export function hopContext(about: Deploying): HopContext {
  const { hostname, terms, signal, reporter, secrets, data, admit } = about;
  return {
    ...partOf(hopTerms, terms),
    ...defined({ signal, admit }),
    hostname,
    report: (level, text) => reporter.inform(level, text),
    data: secrets.from(data),
    hide: (secret) => secrets.add(secret.reveal()),
  };
}
