/**
 * One host deployed, from the first attempt to connect to the report at the end: attempts to connect
 * (`retry.ts`), the time limit (`timeLimit.ts`), and the forms by which other processes apply a part of it.
 *
 * This room may import all rooms below it.
 */

// These modules define forms. Every process that this one forks or starts has them, so that it can
// be given
// an order; and an executable has them, so that it can continue a deployment.
import "./applyForm.js";
import "./continueDeploy.js";

export {
  assertSupplied,
  chainOf,
  type DeploymentOptions,
  deploy,
  deployHost,
  deployPrepared,
  deployThese,
} from "./deployment.js";
export { deploys, deploysThese } from "./deploys.js";
