import { hopType } from "../../engine/index.js";
import { containerHop } from "../namespaces/shared.js";

/**
 * A running container of Docker, on the host before, as uid 0 inside.
 *
 * Needs docker, and with a shell before it nsenter (util-linux) and uid 0. The container itself needs
 * no more than `sh`; its environment is that of its first process.
 */
export const docker = hopType<"same", [name: string]>(
  "docker",
  containerHop("docker", ["docker", "inspect", "--type=container", "--format={{.State.Pid}}"]),
);
