/** A module set in a directory that has nothing else, loaded by a Node of its own. */
import { bundle } from "../../../engine/modules/bundle.js";
import type { ModuleSet } from "../../../engine/modules/moduleSet.js";
import { keepModules, modulePath } from "../../../engine/modules/store.js";
import { requiredFlags } from "../../../zygote/index.js";
import type { Ended, Scratch } from "../../cli/command.js";

/** What the consfig is made into, as if nothing had ever been bundled before. */
export function bundled(scratch: Scratch, consfig: string): Promise<ModuleSet> {
  return bundle(consfig, scratch.path("cache"));
}

/** The set's files are in a directory without packages, as if they had been sent there. */
export function sent(scratch: Scratch, set: ModuleSet): string {
  const directory = scratch.path("host/modules");
  keepModules(directory, set.files);
  return directory;
}

/** Runs the body there with what has been loaded as `loaded`, and prints what it returns. */
export function elsewhere(scratch: Scratch, set: ModuleSet, body = ""): Promise<Ended> {
  const directory = scratch.path("host/modules");
  const [loader, from, id] = [modulePath(directory, set.loader), directory, set.id].map((text) =>
    JSON.stringify(text),
  );
  const program = `
    const { loadModules, ModulesDirectory } = require(${loader}); const source = new ModulesDirectory(${from}); const loaded = loadModules(source, ${id});
    Promise.resolve((async () => { ${body} })()).then((value) =>
      process.stdout.write(JSON.stringify(value) ?? ""));`;
  const words = [process.execPath, ...requiredFlags, "--eval", program];
  return scratch.spawn(words, {}, "host").ended;
}

/** What the body returns there. */
export async function valueElsewhere(
  scratch: Scratch,
  set: ModuleSet,
  body: string,
): Promise<unknown> {
  const { code, stdout, stderr } = await elsewhere(scratch, set, body);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
