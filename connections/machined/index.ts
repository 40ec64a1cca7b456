import { hopType } from "../../engine/index.js";
import { containerHop, type EnterOptions } from "../namespaces/shared.js";

/**
 * A running machine that systemd-machined knows, e.g. one of systemd-nspawn, as uid 0 inside.
 *
 * Needs machinectl and uid 0, and with a shell before it nsenter (util-linux).
 */
export const machined = hopType<"same", [name: string, options?: EnterOptions]>(
  "machined",
  containerHop("machined", { find: ["machinectl", "show", "--property=Leader", "--value"] }),
);
