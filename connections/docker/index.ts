import { hopType } from "../../engine/index.js";
import { containerHop, type EnterOptions } from "../namespaces/shared.js";

/**
 * A running container of Docker, on the host before, as uid 0 inside.
 *
 * Needs docker. The container itself needs no more than `sh`.
 */
export const docker = hopType<"same", [name: string, options?: EnterOptions]>(
  "docker",
  containerHop("docker", {
    find: ["docker", "inspect", "--type=container", "--format={{.State.Pid}}"],
    exec: ["docker", "exec", "--interactive", "--user=0"],
  }),
);
