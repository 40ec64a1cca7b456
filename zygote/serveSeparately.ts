import { sealForGood } from "../core/definitions/index.js";
import { beZygote, live } from "./grandchild.js";
import { whenReady } from "./preconditions.js";
// Defines the forms with which the client tries this zygote out.
import "./probe.js";

/** This process has loaded its modules, and is a zygote for whoever started it from now on. */
export async function serveAsSeparateZygote(spares: number): Promise<void> {
  sealForGood("the zygote's modules were loaded before it");
  await whenReady();
  // Descriptor 3 is the socket that this process was started with.
  live(beZygote(3, spares));
}
