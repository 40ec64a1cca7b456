import { InvalidArgument } from "../../engine/index.js";
import * as etcDefault from "../../properties/etcDefault/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("etcDefault.contains", [
  {
    name: "a file that is there",
    system: true,
    given: { "etc/default/things": "# Things\nA=1\n#B=2\n" },
    props: () => etcDefault.contains("things", { A: "x y", B: "" }),
    outcome: "changed",
    becomes: { "etc/default/things": '# Things\nA="x y"\nB=""\n' },
    unapplied: { "etc/default/things": "# Things\n" },
  },
  {
    name: "a new file",
    system: true,
    props: () => etcDefault.contains("brand-new.d", { OPTS: "-4 $(id)" }),
    outcome: "changed",
    becomes: { "etc/default/brand-new.d": 'OPTS="-4 \\$(id)"\n' },
  },
  ...["", "a/b", "../a", "-a", ".a"].map((name) => ({
    name: `the file ${JSON.stringify(name)}`,
    props: () => etcDefault.contains(name, { A: "1" }),
    outcome: { fails: InvalidArgument },
  })),
]);
