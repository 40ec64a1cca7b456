import { hopType } from "../../engine/index.js";
import { containerHop } from "../namespaces/shared.js";

/**
 * A running container of Podman, on the host before, as uid 0 inside.
 *
 * Needs podman, and with a shell before it nsenter (util-linux). For a container of another user go by
 * way of that account: `[setuid("alice"), podman("web")]`.
 */
export const podman = hopType<"same", [name: string]>(
  "podman",
  containerHop("podman", ["podman", "inspect", "--type=container", "--format={{.State.Pid}}"]),
);
