/** What may be a list of hosts that is computed. */
import { type Host, host, hostsFrom } from "../../engine/index.js";

const one: Host = host("one");

hostsFrom(() => [one]);
hostsFrom(async () => new Set([one]));
hostsFrom(async function* () {
  yield one;
});
// @ts-expect-error names are no hosts
hostsFrom(() => ["one"]);
// @ts-expect-error a host is no list
hostsFrom(async () => one);
// @ts-expect-error the hosts are there already
hostsFrom([one]);
