import { encodeFrame, type Form, ownPlatform, plainForm } from "../../zygote/client.js";
import {
  alwaysLoaded,
  builtinNames,
  type Manifest,
  type ModuleSet,
  moduleRequirements,
  ourKey,
} from "../modules/index.js";

/** What an executable does. */
export interface ExecutableTask {
  /** What is evaluated while it is made: what that leaves in memory, the executable begins with. */
  readonly prerequest: Form | null;
  /** The form that it evaluates; null: whoever starts it asks for one. */
  readonly request: Form | null;
}

/** A task in an executable's script: forms as frames in base64. */
export interface EncodedTask {
  readonly prerequest: string | null;
  readonly request: string | null;
}

let running: string | undefined;

/** This process runs an executable with that body: others are made of it. */
export function runBody(body: string): void {
  running = body;
}

/**
 * The body of an executable's script: all modules, in one function of its task. The same modules give
 * the same text.
 *
 * @throws UsageError where nobody has said which modules
 */
export async function scriptBody(): Promise<string> {
  return running ?? bodyOf(await moduleRequirements());
}

/** The script of an executable with that body which does that. */
export function scriptFor(body: string, task: ExecutableTask): string {
  const { prerequest, request } = task;
  const encoded: EncodedTask = { prerequest: frame(prerequest), request: frame(request) };
  return `(${body})(${JSON.stringify(encoded)});\n`;
}

function bodyOf(set: ModuleSet): string {
  const bytesOf = (hash: string) => set.files.find((one) => one.hash === hash)?.bytes ?? [];
  const textOf = (hash: string) => Buffer.from(bytesOf(hash)).toString();
  const { addons, ...rest } = JSON.parse(textOf(set.id)) as Manifest;
  const platform = ownPlatform();
  const own = Object.entries(addons).filter(([, hash]) => {
    return set.files.some((one) => one.hash === hash && one.platform === platform);
  });
  const texts = Object.values(rest.packages).map((hash) => [hash, textOf(hash)] as const);
  const lines = texts.map(([hash, text]) => `${JSON.stringify(hash)}: ${asValue(text)},`);
  const builtins = builtinNames(texts.map(([, text]) => text));
  const encoded = own.map(([, hash]) => [hash, Buffer.from(bytesOf(hash)).toString("base64")]);
  const manifest: Manifest = { ...rest, addons: Object.fromEntries(own) };
  // Modules keep paths made of the working directory and of Node's own, which differ each time.
  return `function script(task) {
if (require("node:v8").startupSnapshot.isBuildingSnapshot()) {
  process.chdir("/");
  process.argv[0] = process.execPath = "/proc/self/exe";
}
const wrappers = {
${lines.join("\n")}
};
const addons = ${JSON.stringify(Object.fromEntries(encoded))};
const builtins = ${JSON.stringify(builtins)};
const manifest = ${JSON.stringify(manifest)};
const { completeArrays, loadModules, InlineModules } = ${asValue(textOf(set.loader))};
completeArrays();
const loaded = loadModules(new InlineModules({ manifest, wrappers, builtins, addons }), "");
for (const id of ${JSON.stringify(alwaysLoaded)}) loaded.require(id);
loaded.require("${ourKey}/engine/executable/begin.js").begin(task, script.toString());
}`;
}

function frame(form: Form | null): string | null {
  return form && encodeFrame(plainForm(form)).toString("base64");
}

/** What a file in the way of CommonJS exports, as an expression. */
function asValue(text: string): string {
  return `(() => { const module = { exports: {} }, exports = module.exports;
${text.replace(/^\/\/# sourceMappingURL=.*$/m, "")}
return module.exports; })()`;
}
