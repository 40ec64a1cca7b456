import type { Chain } from "../../engine/index.js";
import { type Host, type Testbed, testbed, testbedUnavailable } from "../testbed/index.js";
import type { Place } from "./places.js";

/** A host of a test bed of its own, reached over the chain as that account. Nothing of it stays. */
export function bedPlace(
  name: string,
  uid: number,
  chain: (bed: Testbed, host: Host) => Chain,
): Place {
  let bed: Testbed | undefined;
  const opened = () => {
    if (!bed) throw new TypeError(`${name} is not open`);
    return { bed, host: bed.host(0) };
  };
  return {
    name,
    unavailable: testbedUnavailable(),
    disposable: true,
    uid,
    gid: uid,
    chain: () => chain(opened().bed, opened().host),
    view: () => opened().host.root,
    open: async () => {
      bed = await testbed({ hosts: 1 });
    },
    close: async () => {
      await bed?.down();
      bed = undefined;
    },
    reset: () => opened().bed.reset(),
    async shell(text) {
      const { stdout, stderr, code } = await opened().host.shell(text);
      if (code === 0) return stdout;
      throw new Error(`${text} ended with exit code ${code}: ${stderr}`);
    },
  };
}
