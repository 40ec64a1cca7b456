/** What a separate zygote runs: loads the modules it is given, then serves on descriptor 3. */
import { beZygote, live } from "./grandchild.js";
import { whenReady } from "./preconditions.js";
import { sealForGood } from "./registry.js";
// Defines the forms with which the client tries this zygote out.
import "./probe.js";

const [spares, ...modules] = process.argv.slice(2);
for (const module of modules) await import(module);
sealForGood("the zygote's modules were loaded before it");
await whenReady();
live(beZygote(3, Number(spares)));
