import { BrokenProperty } from "../base/index.js";

/**
 * Code that ends the process is refused where it stands, so that it fails like anything else that one
 * host's properties do. The result is called when it may again.
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
