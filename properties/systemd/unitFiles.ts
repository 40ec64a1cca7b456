import path from "node:path/posix";
import { z } from "zod";
import {
  type Finding,
  type LookingHost,
  type Outcome,
  type PosixHost,
  type Property,
  posixProperty,
} from "../../engine/index.js";
import {
  findOwnFiles,
  type OwnFile,
  removeOwnFiles,
  together,
  writeOwnFiles,
} from "../file/shared.js";
import { asAccount, assertAs, homeIfAny, homeOf } from "../user/shared.js";
import { type Scope, scopeSchema, stateOf, systemctl, systemdRuns } from "./systemctl.js";

/** The schema of the name of a file that holds a unit. */
export const unitFileName = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9_.:@\\][A-Za-z0-9_.:@\\-]*\.(service|socket|timer|path|mount|automount|swap|target|slice)$/,
    "expected the name of a unit with its suffix, e.g. web.service",
  );

const dropInName = z
  .string()
  .max(240)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "expected letters, digits, and _ . - after the first");

/** A file at that place among the units of the system, or of a user. */
async function unitFile(
  host: LookingHost,
  name: string,
  content: string,
  user: string | undefined,
): Promise<OwnFile> {
  const ending = content === "" || content.endsWith("\n") ? "" : "\n";
  const directory =
    user === undefined ? "/etc/systemd/system" : `${await homeOf(host, user)}/.config/systemd/user`;
  return { path: `${directory}/${name}`, content: content + ending };
}

/** Whether the file is there and systemd has read it as it is now. */
async function findUnitFile(
  host: LookingHost,
  unit: string,
  name: string,
  content: string,
  scope: Scope,
): Promise<Finding> {
  if ((await homeIfAny(host, scope.user)) === undefined) return false;
  const file = await unitFile(host, name, content, scope.user);
  const [found, { NeedDaemonReload: stale }] = await Promise.all([
    findOwnFiles(host, [file], scope.user),
    stateOf(host, unit, scope),
  ]);
  return found === false ? false : together([found, stale !== "yes"]);
}

/** systemd reads what was done to the file, if it runs. */
async function reload(host: PosixHost, scope: Scope): Promise<Outcome> {
  if (await systemdRuns(host, scope)) await host.run(systemctl(scope, ["daemon-reload"]));
  return "changed";
}

/**
 * There is a unit with that content, in the place for the administrator's own, and systemd has read
 * it. Unapplied: there is none. What runs of it goes on as before.
 *
 * @example onChange(systemd.hasUnit("web.service", content), systemd.restarted("web.service"))
 */
export const hasUnit: Property<"posix", [name: string, content: string, scope?: Scope], true> =
  posixProperty<[name: string, content: string, scope?: Scope]>("systemd.hasUnit", {
    args: z.tuple([unitFileName, z.string(), scopeSchema.exactOptional()]),
    desc: (name) => `unit ${name}`,
    hostattrs: (_attrs, _name, _content, scope) => assertAs(scope?.user),
    check: (host, name, content, scope = {}) => findUnitFile(host, name, name, content, scope),
    apply: (host, name, content, scope = {}) =>
      asAccount(host, "apply", scope.user, hasUnit(name, content, scope), async () => {
        await writeOwnFiles(host, [await unitFile(host, name, content, scope.user)]);
        return reload(host, scope);
      }),
    unapply: (host, name, content, scope = {}) =>
      asAccount(host, "unapply", scope.user, hasUnit(name, content, scope), async () => {
        await removeOwnFiles(host, [await unitFile(host, name, content, scope.user)]);
        return reload(host, scope);
      }),
  });

type DropIn = [unit: string, name: string, content: string, scope?: Scope];

/**
 * The unit has, besides what others say of it, the content of a drop-in file of that name, and
 * systemd has read it. Unapplied: it has not.
 *
 * @example systemd.hasDropIn("nginx.service", "limits", "[Service]\nLimitNOFILE=65536\n")
 */
export const hasDropIn: Property<"posix", DropIn, true> = posixProperty<DropIn>(
  "systemd.hasDropIn",
  {
    args: z.tuple([unitFileName, dropInName, z.string(), scopeSchema.exactOptional()]),
    desc: (unit, name) => `drop-in ${name} of ${unit}`,
    hostattrs: (_attrs, _unit, _name, _content, scope) => assertAs(scope?.user),
    check: (host, unit, name, content, scope = {}) =>
      findUnitFile(host, unit, `${unit}.d/${name}.conf`, content, scope),
    apply: (host, unit, name, content, scope = {}) =>
      asAccount(host, "apply", scope.user, hasDropIn(unit, name, content, scope), async () => {
        const file = await unitFile(host, `${unit}.d/${name}.conf`, content, scope.user);
        await writeOwnFiles(host, [file]);
        return reload(host, scope);
      }),
    unapply: (host, unit, name, content, scope = {}) =>
      asAccount(host, "unapply", scope.user, hasDropIn(unit, name, content, scope), async () => {
        const file = await unitFile(host, `${unit}.d/${name}.conf`, content, scope.user);
        await removeOwnFiles(host, [file]);
        const directory = path.dirname(file.path);
        if (await host.isEmptyDirectory(directory))
          await host.remove([directory], { ifEmpty: true });
        return reload(host, scope);
      }),
  },
);
