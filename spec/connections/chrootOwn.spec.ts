/** What a grandchild in a chroot has of its own. */
import { testbedUnavailable } from "../testbed/index.js";
import { scenario } from "../zygote/scenario.js";
import { ownOfChroots } from "./helpers/chrootOwn.js";

await scenario(import.meta.url, ["forked"], ownOfChroots, { unavailable: testbedUnavailable() });
