/** Grandchildren in trees that somebody else has made. */
import { needsUid0, scenario } from "../zygote/scenario.js";
import { entered, fewHostileTrees } from "./helpers/hostileTrees.js";

await scenario(
  import.meta.url,
  ["forked"],
  Object.fromEntries(fewHostileTrees().map((tree) => [tree.name, () => entered(tree)])),
  { unavailable: needsUid0 },
);
