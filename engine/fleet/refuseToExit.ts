import { BrokenProperty } from "../base/index.js";

/**
 * From now on `process.exit` throws. A property of one host that calls it then fails like any other, and
 * does not end the deployments of all hosts. Calling the result makes `process.exit` work again.
 */
export function refuseToExit(): () => void {
  const { exit } = process;
  process.exit = (code) => {
    throw new BrokenProperty(`process.exit(${code ?? ""}) would end the deployments of all hosts`, {
      hint: "throw an error instead",
    });
  };
  return () => {
    process.exit = exit;
  };
}
