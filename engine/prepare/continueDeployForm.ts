import type { Form } from "../../zygote/client.js";
import type { PreparedHost } from "../model/index.js";

/** Of the form that applies all that a host is to have. */
export const continueDeployId = "engine.continueDeploy";

/** That form, by its id: what defines it leads to properties that name it. */
export function continueDeploy(host: PreparedHost): Form {
  return { form: continueDeployId, args: [host] };
}
