import type { Form } from "../../zygote/client.js";
import type { PreparedHost } from "../model/index.js";

/** The id of the form that applies all that a host is to have. */
export const continueDeployId = "engine.continueDeploy";

/** That form. It is named by its id, since the module that defines it is in a room above this one. */
export function continueDeploy(host: PreparedHost): Form {
  return { form: continueDeployId, args: [host] };
}
