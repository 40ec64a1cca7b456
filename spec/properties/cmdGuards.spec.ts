import { InvalidArgument, script, sh, withUnapply } from "../../engine/index.js";
import * as cmd from "../../properties/cmd/index.js";
import { doesNotExist } from "../../properties/file/index.js";
import { runCases } from "../helpers/propertyCases.js";

runCases("cmd.single, when it need not be run", [
  {
    name: "creates",
    props: (root) => cmd.single(sh`touch -- ${root}/a`, { creates: `${root}/a` }),
    outcome: "changed",
    becomes: { a: "" },
  },
  {
    name: "creates what is there as a dangling symlink",
    given: { a: { symlink: "nowhere" } },
    props: (root) => cmd.single(sh`touch -- ${root}/a`, { creates: `${root}/a` }),
    outcome: "unchanged",
  },
  {
    name: "removes",
    given: { a: "" },
    props: (root) => cmd.single(sh`rm -- ${root}/a`, { removes: `${root}/a` }),
    outcome: "changed",
    becomes: {},
  },
  {
    name: "unless",
    given: { a: "" },
    props: (root) => cmd.single(script`echo x >>${root}/a`, { unless: sh`grep -q x ${root}/a` }),
    outcome: "changed",
    becomes: { a: "x\n" },
  },
  {
    name: "onlyIf",
    given: { a: "", b: "" },
    props: (root) => cmd.single(sh`rm a`, { onlyIf: sh`test -e a`, cwd: root }),
    outcome: "changed",
    becomes: { b: "" },
  },
  {
    name: "several guards, one of which holds",
    props: (root) =>
      cmd.single(sh`touch ${root}/a`, {
        creates: `${root}/a`,
        unless: ["test", "$A", "=", "b"],
        onlyIf: script`test "$A" = c`,
        env: { A: "b" },
      }),
    outcome: "unchanged",
  },
  {
    name: "undone with withUnapply",
    props: (root) =>
      withUnapply(
        [cmd.single(sh`touch -- ${root}/a`, { creates: `${root}/a` })],
        [doesNotExist(`${root}/a`)],
      ),
    outcome: "changed",
    becomes: { a: "" },
    unapplied: "restored",
  },
  ...[
    { creates: "a" },
    { cwd: "a" },
    { env: { "A=b": "c" } },
    { env: { "A;id": "c" } },
    { okExitCodes: [256] },
    { stdin: "a", stdinData: ["_a", "b"] as const },
    { unless: [] },
    { onlyif: ["true"] } as object,
  ].map((options) => ({
    name: `the options ${JSON.stringify(options)}`,
    props: () => cmd.single(["true"], options),
    outcome: { fails: InvalidArgument },
  })),
]);
