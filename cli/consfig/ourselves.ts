import type { Plugin } from "esbuild";
import { runningUrl } from "../../core/copies.js";
import { importable, modulesIn, ourFile, ourZodFor } from "../../engine/modules/index.js";
import { didYouMean } from "../suggest.js";

/**
 * A consfig's imports of this package are the running copy, wherever the consfig is and whatever is
 * in its `node_modules`: definitions are kept in tables, and there must be one of each.
 */
export const ourselves: Plugin = {
  name: "ourselves",
  setup(build) {
    build.onResolve({ filter: /^consfigurator(\/|$)/ }, ({ path: name }) => {
      const file = ourFile(name);
      // A hop may be imported only for others to name it.
      const sideEffects = name.startsWith("consfigurator/connections/");
      if (file) return { path: new URL(file, runningUrl).href, external: true, sideEffects };
      const known = importable.flatMap((folder) =>
        modulesIn(folder).map((one) => `consfigurator/${folder}/${one}`),
      );
      return {
        errors: [{ text: `There is no "${name}"`, notes: [{ text: didYouMean(name, known) }] }],
      };
    });
    build.onResolve({ filter: /^zod$/ }, ({ resolveDir }) =>
      ourZodFor(resolveDir)
        ? { path: import.meta.resolve("zod"), external: true, sideEffects: false }
        : undefined,
    );
  },
};
