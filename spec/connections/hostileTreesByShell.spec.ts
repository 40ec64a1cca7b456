/** Shells in trees that somebody else has made. */
import { describe, test } from "node:test";
import { testbedUnavailable } from "../testbed/index.js";
import { entered, fewHostileTrees } from "./helpers/hostileTrees.js";

describe("hostile trees over a shell", { skip: testbedUnavailable() ?? false }, () => {
  for (const tree of fewHostileTrees()) test(tree.name, () => entered(tree));
});
