import type { Form } from "../../zygote/form.js";
import { encodeFrame } from "../../zygote/frames.js";
import { ownLibc } from "../../zygote/libc.js";
import type { Manifest, ModuleSet } from "../modules/moduleSet.js";

/** What an executable does. */
export interface Task {
  /** What is evaluated while it is made: what that leaves in memory, the executable begins with. */
  readonly prerequest: Form | null;
  /** What it evaluates; none: what whoever starts it asks for. */
  readonly request: Form | null;
}

/**
 * The program of an executable: all modules, in one text, and what it does. Nothing else is in it, and
 * the same modules and task give the same text.
 */
export function executableScript(set: ModuleSet, task: Task): string {
  const bytesOf = (hash: string) => set.files.find((one) => one.hash === hash)?.bytes ?? [];
  const textOf = (hash: string) => Buffer.from(bytesOf(hash)).toString();
  const { entry, packages, addons } = JSON.parse(textOf(set.id)) as Manifest;
  const platform = `${process.platform}-${process.arch}-${ownLibc()}`;
  const own = Object.entries(addons).filter(([, hash]) => {
    return set.files.some((one) => one.hash === hash && one.platform === platform);
  });
  const lines = Object.values(packages).map(
    (hash) => `${JSON.stringify(hash)}: ${asValue(textOf(hash))},`,
  );
  const encoded = own.map(([, hash]) => [hash, Buffer.from(bytesOf(hash)).toString("base64")]);
  const manifest: Manifest = { entry, packages, addons: Object.fromEntries(own) };
  const frame = encodeFrame({ prerequest: plain(task.prerequest), request: plain(task.request) });
  return `const wrappers = {
${lines.join("\n")}
};
const addons = ${JSON.stringify(Object.fromEntries(encoded))};
const manifest = ${JSON.stringify(manifest)};
const { loadModules, InlineModules } = ${asValue(textOf(set.loader))};
const loaded = loadModules(new InlineModules({ manifest, wrappers, addons }), "");
loaded.require("consfigurator/engine/index.js");
loaded.require("consfigurator/connections/local.js");
const { begin } = loaded.require("consfigurator/engine/executable/begin.js");
begin(${JSON.stringify(frame.toString("base64"))});
`;
}

/** Without what is only for the compiler. */
function plain(form: Form | null) {
  return form && { form: form.form, args: [...form.args] };
}

/** What a file in the way of CommonJS exports, as an expression. */
function asValue(text: string): string {
  return `(() => { const module = { exports: {} }, exports = module.exports;
${text.replace(/^\/\/# sourceMappingURL=.*$/m, "")}
return module.exports; })()`;
}
