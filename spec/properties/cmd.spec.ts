import { after, before } from "node:test";
import {
  CommandFailed,
  CommandTimedOut,
  FailedChange,
  InvalidArgument,
  registerDataSource,
  script,
  sh,
} from "../../engine/index.js";
import { resetDataSources } from "../../engine/model/data.js";
import * as cmd from "../../properties/cmd/index.js";
import { runCases } from "../helpers/propertyCases.js";

const hostile = ["$(touch x)", "`id`", "it's", 'a"b', "a\nb", "*", "-n", "", "é\\n", "$HOME"];
const out = { fails: CommandFailed, says: /exit code 3/ };

before(() =>
  registerDataSource({
    description: "the data of this spec",
    version: async () => "1",
    read: async () => Buffer.from("a secret that nobody sees"),
  }),
);
after(() => resetDataSources());

runCases("cmd.single", [
  {
    name: "words reach the program as they stand",
    props: (root) =>
      cmd.single(["sh", "-c", 'printf "%s|" "$@" >"$0"', `${root}/a`, ...hostile, 7]),
    outcome: "changed",
    becomes: { a: `${hostile.join("|")}|7|` },
    again: "changed",
  },
  {
    name: "shell text, in which values are quoted",
    props: (root) => cmd.single(script`cd ${root} && printf %s ${"$(id)"} | tr d D >a`),
    outcome: "changed",
    becomes: { a: "$(iD)" },
    again: "changed",
  },
  {
    name: "directory and variables",
    given: { "a b/c": "" },
    props: (root) =>
      cmd.single(script`printf "%s %s" "$A" "\${HOME-none}" >c`, {
        cwd: `${root}/a b`,
        env: { A: "it's $(x)", HOME: null },
      }),
    outcome: "changed",
    becomes: { "a b/c": "it's $(x) none" },
    again: "changed",
  },
  {
    name: "a directory that is missing",
    props: (root) => cmd.single(sh`touch a`, { cwd: `${root}/none` }),
    outcome: { fails: FailedChange, says: /none/ },
  },
  {
    name: "stdin",
    props: (root) => cmd.single(script`cat >${root}/a`, { stdin: "a\n'$(b)'" }),
    outcome: "changed",
    becomes: { a: "a\n'$(b)'" },
    again: "changed",
  },
  {
    name: "stdin of 1 MB of bytes",
    props: (root) => cmd.single(script`cat >${root}/a`, { stdin: Buffer.alloc(1e6, "\0\xff'\n") }),
    outcome: "changed",
    becomes: { a: { content: Buffer.alloc(1e6, "\0\xff'\n") } },
    again: "changed",
  },
  {
    name: "no stdin",
    props: (root) => cmd.single(script`cat >${root}/a`),
    outcome: "changed",
    becomes: { a: "" },
    again: "changed",
  },
  {
    name: "prerequisite data as stdin",
    props: (root) => cmd.single(script`cat >${root}/a`, { stdinData: ["_a", "b"] }),
    outcome: "changed",
    becomes: { a: "a secret that nobody sees" },
    again: "changed",
  },
  {
    name: "a failure, with what it printed",
    props: () => cmd.single(script`echo out; echo the trouble >&2; exit 3`),
    outcome: { fails: CommandFailed, says: /exit code 3.*the trouble/s },
  },
  {
    name: "ended by a signal",
    props: () => cmd.single(script`kill -KILL $$`, { okExitCodes: [3] }),
    outcome: { fails: CommandFailed, says: /SIGKILL/ },
  },
  {
    name: "no such program",
    props: () => cmd.single(["no-such-program-at-all"]),
    outcome: { fails: CommandFailed, says: /exit code 127/ },
  },
  {
    name: "an exit code that is fine",
    props: () => cmd.single(script`exit 3`, { okExitCodes: [2, 3] }),
    outcome: "changed",
    again: "changed",
  },
  {
    name: "an exit code that is not",
    props: () => cmd.single(script`exit 3`, { okExitCodes: [2] }),
    outcome: out,
  },
  {
    name: "an exit code that means nothing was to be done",
    given: { a: "" },
    props: (root) => cmd.single(script`rm ${root}/a || exit 4`, { unchangedExitCodes: [4] }),
    outcome: "changed",
    becomes: {},
  },
  {
    name: "0 means that nothing was to be done",
    props: () => cmd.single(["true"], { okExitCodes: [2], unchangedExitCodes: [0] }),
    outcome: "unchanged",
  },
  {
    name: "a time limit",
    props: () => cmd.single(sh`sleep 30`, { timeoutMs: 200 }),
    outcome: { fails: CommandTimedOut },
  },

  {
    name: "no words",
    props: () => cmd.single([]),
    outcome: { fails: InvalidArgument },
  },
  {
    name: "a word with a NUL byte",
    props: () => cmd.single(["echo", "a\0b"]),
    outcome: { fails: InvalidArgument },
  },
]);
