/** What a shell in a chroot has of its own. */
import { describe, test } from "node:test";
import { testbedUnavailable } from "../testbed/index.js";
import { ownOfChroots } from "./helpers/chrootOwn.js";

describe("a chroot's own over a shell", { skip: testbedUnavailable() ?? false }, () => {
  for (const [name, work] of Object.entries(ownOfChroots)) test(name, work);
});
