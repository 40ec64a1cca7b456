import { defined } from "../../core/index.js";
import { isHostname } from "../../engine/index.js";
import type { Value } from "./value.js";

/** How Ansible reaches a host, in the words of `ssh(…)`. */
export interface AnsibleSsh {
  readonly host?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
}

/** How Ansible connects to a host, as far as that can be said here. */
export interface Connection {
  /** What `ssh(…)` takes. */
  readonly ssh: AnsibleSsh;
  /** Whether the host is this machine (`ansible_connection=local`). */
  readonly isLocal: boolean;
  /** The account that Ansible becomes there, as far as the inventory says that it does. */
  readonly become?: { readonly user: string; readonly method: string };
  /** What the inventory says of the connection and is not in the others: one sentence each. */
  readonly notes: readonly string[];
}

type AllVars = Readonly<Record<string, Value>>;

/** Variables about the connection that have nothing like them here. */
const leftOut: readonly (readonly [name: RegExp, instead: string])[] = [
  [/^ansible_ssh_(common_|extra_)?args$/, "say in ssh_config what it says, e.g. ProxyJump"],
  [/^ansible_(ssh_)?pass(word)?$/, "use a key: nobody is asked for a password"],
  [/^ansible_(become|sudo|su)_pass(word)?$/, "use sudo({ passwordOf }) or -K"],
  [/^ansible_(become|sudo|su)_(flags|exe)$/, "sudo is called as sudo"],
  [
    /^ansible_(shell_type|shell_executable|ssh_executable|ssh_transfer_method)$/,
    "it is not needed",
  ],
];

/** What the variables of a host say about the connection to it. */
export function connectionOf(name: string, vars: AllVars): Connection {
  const notes: string[] = [];
  // Whichever of two names Ansible prefers is the first.
  const text = (...names: readonly string[]) => textOf(vars, names, notes);
  const host = text("ansible_ssh_host", "ansible_host");
  const user = text("ansible_ssh_user", "ansible_user");
  const port = text("ansible_ssh_port", "ansible_port");
  const identityFile = text("ansible_ssh_private_key_file", "ansible_private_key_file");
  const connection = text("ansible_connection") ?? "ssh";
  const isPort = /^[1-9]\d{0,4}$/.test(port ?? "") && Number(port) < 65536;
  if (port !== undefined && !isPort) notes.push(`ansible_port is no port: ${port}`);
  if (!["ssh", "smart", "paramiko", "local"].includes(connection)) {
    notes.push(`ansible_connection is ${connection}: say the chain of hops for it`);
  }
  if (!isHostname(name)) notes.push(`${name} is no hostname: call the host otherwise`);
  for (const key of Object.keys(vars)) {
    const instead = leftOut.find(([pattern]) => pattern.test(key))?.[1];
    if (instead !== undefined) notes.push(`${key} is left out: ${instead}`);
  }
  const become = becomeOf(vars, notes);
  return {
    ssh: defined({ host, user, port: isPort ? Number(port) : undefined, identityFile }),
    isLocal: connection === "local",
    ...defined({ become }),
    notes,
  };
}

function becomeOf(vars: AllVars, notes: string[]): Connection["become"] {
  if (!/^(true|yes|on|y|t|1|1\.0)$/i.test(String(vars.ansible_become ?? "").trim()))
    return undefined;
  const user = textOf(vars, ["ansible_become_user"], notes) ?? "root";
  const method = textOf(vars, ["ansible_become_method"], notes) ?? "sudo";
  if (method !== "sudo" && method !== "su") {
    notes.push(`ansible_become_method is ${method}: say the chain of hops for it`);
  }
  return { user, method };
}

/** The first of these that is said. Templates are noted, and not filled in. */
function textOf(vars: AllVars, names: readonly string[], notes: string[]): string | undefined {
  const name = names.find((one) => vars[one] !== undefined && vars[one] !== null);
  if (name === undefined) return undefined;
  const text = String(vars[name]);
  if (!/\{[{%]/.test(text)) return text;
  notes.push(`${name} is a template, and is left out: ${text}`);
  return undefined;
}
