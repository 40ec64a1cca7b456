/**
 * A host of the consfig made into plain data that can be applied, here or by another process: arguments are
 * checked, hostattrs are said, and the kind of what is to be applied is compared with that of the chain.
 *
 * This room may import `model` and what is below that. It looks at nothing outside the consfig.
 */
export { continueDeploy, continueDeployId } from "./continueDeployForm.js";
export { describe } from "./describe.js";
export { assertCarries, kindOf, needsGrandchild } from "./kind.js";
export { prepareHost, preparePropspec, withOnly } from "./prepare.js";
export { preparedFromWire } from "./preparedFromWire.js";
export { hopsData } from "./subdeployments.js";
