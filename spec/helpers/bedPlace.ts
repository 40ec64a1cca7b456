import type { Chain } from "../../engine/index.js";
import {
  type Host,
  type Init,
  type Testbed,
  testbed,
  testbedUnavailable,
} from "../testbed/index.js";
import type { Places } from "./places.js";

/** Hosts of a test bed of their own, reached over the chain as that account. Nothing of them stays. */
export function bedPlaces(
  name: string,
  uid: number,
  chain: (bed: Testbed, host: Host) => Chain,
  init: Init = "plain",
): Places {
  let bed: Testbed | undefined;
  return {
    name,
    unavailable: testbedUnavailable(),
    disposable: true,
    uid,
    async open(count) {
      const opened = await testbed({ hosts: count, init });
      bed = opened;
      return opened.hosts.map((host) => ({
        uid,
        gid: uid,
        chain: chain(opened, host),
        view: () => host.root,
        reset: () => opened.reset([host]),
        shell: (text) => shell(host, text),
      }));
    },
    async close() {
      await bed?.down();
      bed = undefined;
    },
  };
}

async function shell(host: Host, text: string): Promise<string> {
  const { stdout, stderr, code } = await host.shell(text);
  if (code === 0) return stdout;
  throw new Error(`${text} ended with exit code ${code}: ${stderr}`);
}
