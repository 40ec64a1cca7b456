/**
 * One host deployed, from the first attempt to connect to the report at the end; and the forms by which
 * other processes are given a part of that.
 *
 * It may import all rooms below it.
 */

// Every process that this one forks or starts can be given an order; executables can be given a
// deployment to continue.
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
