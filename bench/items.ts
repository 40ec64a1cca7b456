import { type Propspec, quote, script } from "../engine/index.js";
import * as apt from "../properties/apt/index.js";
import * as cmd from "../properties/cmd/index.js";
import * as file from "../properties/file/index.js";
import * as user from "../properties/user/index.js";

const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** Each property of a baseline of 60, and the same check by hand. */
export const items: readonly [props: () => Propspec<"posix">, byHand: string][] = [
  ...range(16).map((i): [() => Propspec<"posix">, string] => [
    () => file.hasContent(`/srv/c${i}`, [`content of ${i}`], { mode: 0o640 }),
    `[ "$(cat /srv/c${i})" = "content of ${i}" ] && [ "$(stat -c %a /srv/c${i})" = 640 ]`,
  ]),
  ...range(10).map((i): [() => Propspec<"posix">, string] => [
    () => file.containsLines(`/srv/l${i}`, "one", "two"),
    `grep -qxF one /srv/l${i} && grep -qxF two /srv/l${i}`,
  ]),
  ...range(8).map((i): [() => Propspec<"posix">, string] => [
    () => file.containsConfEquals(`/srv/s${i}`, { size: "5" }),
    `grep -qx 'size *= *5' /srv/s${i}`,
  ]),
  ...range(4).map((i): [() => Propspec<"posix">, string] => [
    () => file.containsIniSettings(`/srv/i${i}`, ["main", "level", "info"]),
    `grep -qx 'level *= *info' /srv/i${i}`,
  ]),
  ...range(8).map((i): [() => Propspec<"posix">, string] => [
    () => file.directoryExists(`/srv/d${i}`, { mode: 0o750 }),
    `[ "$(stat -c %F:%a /srv/d${i})" = directory:750 ]`,
  ]),
  ...range(6).map((i): [() => Propspec<"posix">, string] => [
    () => file.symlinked(`/srv/k${i}`, `/srv/c${i}`),
    `[ "$(readlink /srv/k${i})" = /srv/c${i} ]`,
  ]),
  ...range(2).map((i): [() => Propspec<"posix">, string] => [
    () => user.hasAccount(`bench${i}`),
    `getent passwd bench${i} >/dev/null`,
  ]),
  ...range(4).map((i): [() => Propspec<"posix">, string] => [
    () => cmd.single(script`touch ${`/srv/g${i}`}`, { creates: `/srv/g${i}` }),
    `[ -e /srv/g${i} ]`,
  ]),
  [
    () => apt.installed("hello-consfig", "sudo", "cron"),
    `[ "$(dpkg-query -W -f '\${Status}.' hello-consfig sudo cron)" = "install ok installed.install ok installed.install ok installed." ]`,
  ],
  [() => apt.removed("webby"), `! dpkg-query -W webby >/dev/null 2>&1`],
];

/** The checks by hand as one script, which fails at the first that does not hold. */
export const byHand = items
  .map(([, check]) => `${check} || { echo ${quote(check)}; exit 1; }`)
  .join("\n");

/** The properties as a person would write them in a consfig, hosts' chains being `hops`. */
export function consfigText(hosts: readonly string[], imports: string, hops: string): string {
  const source = items.map(([prop]) => prop.toString().replace(/^\(\) => /, ""));
  return `
import { host, script } from "consfigurator";
${imports}
import * as apt from "consfigurator/properties/apt";
import * as cmd from "consfigurator/properties/cmd";
import * as file from "consfigurator/properties/file";
import * as os_ from "consfigurator/properties/os";
import * as user from "consfigurator/properties/user";
const range = (count) => Array.from({ length: count }, (_, i) => i + 1);
export const machines = ${JSON.stringify(hosts)}.map((name) => host(name, { deploy: ${hops} },
  os_.debianStable("bookworm", "amd64"),
  ${groups(source)}
));
`;
}

/** Runs of the same text, which differ in `i` alone, as one loop each. */
function groups(source: readonly string[]): string {
  const distinct = source.filter((text, i) => source.indexOf(text) === i);
  return distinct
    .map((text) => {
      const count = source.filter((one) => one === text).length;
      return `...range(${count}).map((i) => ${text}),`;
    })
    .join("\n  ");
}
