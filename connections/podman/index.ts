import { hopType } from "../../engine/index.js";
import { containerHop, type EnterOptions } from "../namespaces/shared.js";

/**
 * A running container of Podman, on the host before, as uid 0 inside.
 *
 * Needs podman. For a container of another user go by way of that account: `[setuid("alice"), podman("web")]`.
 */
export const podman = hopType<"same", [name: string, options?: EnterOptions]>(
  "podman",
  containerHop("podman", {
    find: ["podman", "inspect", "--type=container", "--format={{.State.Pid}}"],
    exec: ["podman", "exec", "--interactive", "--user=0"],
  }),
);
