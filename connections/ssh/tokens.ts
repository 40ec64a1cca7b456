import { hostname } from "node:os";
import { localAccount } from "./localAccount.js";

/** What the `%` tokens of ssh_config stand for. */
export interface TokenValues {
  readonly originalHost: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | undefined;
}

/** The text with `~`, `%` tokens and `${NAME}` replaced as ssh_config(5) says. */
export function expand(text: string, values: TokenValues): string {
  const { name, home } = localAccount();
  const machine = hostname();
  const tokens: Record<string, string> = {
    "%": "%",
    d: home,
    h: values.hostname,
    i: String(process.getuid?.() ?? ""),
    k: values.hostKeyAlias ?? values.originalHost,
    L: machine.split(".")[0] ?? machine,
    l: machine,
    n: values.originalHost,
    p: String(values.port),
    r: values.user,
    u: name,
  };
  return text
    .replace(/^~(?=\/|$)/, () => home)
    .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable) => process.env[variable] ?? "")
    .replace(/%(.)/g, (whole, token) => tokens[token] ?? whole);
}
