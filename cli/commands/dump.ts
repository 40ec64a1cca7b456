import { prepareHost } from "../../engine/index.js";
import type { Form } from "../../zygote/client.js";
import { loadConsfig } from "../consfig/load.js";
import { askedInOneWord, assertKnown, readAsked } from "../evaluation/asked.js";
import { type DeployOptions, deployable, only, startRun } from "./deploy.js";

/**
 * The hosts have an executable that evaluates the form; without one, that makes the host as the consfig
 * says. It is made on the host.
 */
export async function dump(
  words: readonly string[],
  options: DeployOptions<"dump">,
): Promise<number> {
  const { consfig } = await loadConsfig(options.consfig, { properties: ["image"] });
  const { dumped } = await import("../../properties/image/index.js");
  const { continueDeploy } = await import("../../engine/prepare/index.js");
  const form = options.form === undefined ? undefined : formOf(options.form);
  // What is deployed is this property alone, and not what the executable is to apply.
  const hosts = await deployable(consfig, words);
  const wanted = hosts.map((host) =>
    only(host, [dumped(options.to, form ?? continueDeploy(prepareHost(host)))]),
  );
  return startRun(wanted, consfig, { name: "dump", words }, options);
}

/** @throws UnknownForm, UsageError, InvalidFormData */
function formOf(word: string): Form {
  const asked = askedInOneWord(word);
  assertKnown(asked);
  return readAsked(asked);
}
