/**
 * A host as the consfig says it, made into plain data that can be applied, here or by another process.
 *
 * It may import `model` and what is below that, and looks at nothing outside the consfig.
 */
export { continueDeploy, continueDeployId } from "./continueDeployForm.js";
export { describe } from "./describe.js";
export { assertCarries, kindOf, needsGrandchild } from "./kind.js";
export { prepareHost, preparePropspec, withOnly } from "./prepare.js";
export { preparedFromWire } from "./preparedFromWire.js";
