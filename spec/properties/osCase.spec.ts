import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  type Host,
  host,
  InapplicableProperty,
  inOrder,
  isError,
  nodeProperty,
  type Propspec,
  prepareHost,
  unapplied,
} from "../../engine/index.js";
import { Hostattrs } from "../../engine/model/hostattrs.js";
import * as os from "../../properties/os/index.js";
import { forGood, step, steps } from "../helpers/steps.js";

const native = nodeProperty<[]>("spec.native", {
  args: z.tuple([]),
  apply: async () => "unchanged",
});

/** What is said of the host, what is applied to it, and what that calls or how it is refused. */
const cases: readonly [name: string, said: Propspec[], Propspec<"posix">, string | RegExp][] = [
  ["the class itself", [os.arch("amd64")], os.osCase({ arch: step("a"), linux: step("b") }), "a"],
  ["a class above", [os.suse("x", "amd64")], os.osCase({ arch: step("a"), linux: step("b") }), "b"],
  [
    "the nearest class, whatever the order",
    [os.debianStable("bookworm", "amd64")],
    os.osCase({ otherwise: step("o"), linux: step("l"), debian: step("d"), unixlike: step("u") }),
    "d",
  ],
  ["otherwise", [os.linux()], os.osCase({ arch: step("a"), otherwise: step("o") }), "o"],
  ["otherwise, of nothing said", [], os.osCase({ arch: step("a"), otherwise: step("o") }), "o"],
  ["none", [os.linux()], os.osCase({ arch: step("a") }), ""],
  ["nothing said", [], os.osCase({ linux: step("a") }), /no known operating system/],
  ["strict, found", [os.arch("amd64")], os.strictOsCase({ linux: step("a") }), "a"],
  ["strict, none", [os.linux()], os.strictOsCase({ arch: step("a") }), /is linux.*for arch only/],
  ["several in a clause", [os.linux()], os.osCase({ linux: inOrder(step("a"), step("b")) }), "a b"],
  ["unapplied", [os.linux()], unapplied(os.osCase({ linux: step("a"), freebsd: step("b") })), "-a"],
  ["unapplied, none", [os.linux()], unapplied(os.osCase({ freebsd: step("b") })), ""],
  [
    "a suite",
    [os.debianStable("bookworm", "amd64")],
    os.debianSuiteCase({ trixie: step("t"), bookworm: step("b") }),
    "b",
  ],
  [
    "another suite",
    [os.ubuntu("noble", "amd64")],
    os.debianSuiteCase({ bookworm: step("b"), otherwise: step("o") }),
    "o",
  ],
  ["no suite", [os.debianTesting("amd64")], os.debianSuiteCase({ unstable: step("u") }), ""],
  [
    "strict, no suite",
    [os.debianTesting("amd64")],
    os.strictDebianSuiteCase({ unstable: step("u") }),
    /debianTesting testing.*unstable only/,
  ],
  ["no Debian", [os.fedora("41", "amd64")], os.debianSuiteCase({ 41: step("f") }), /fedora 41/],
];

for (const [name, said, propspec, called] of cases) {
  test(`case: ${name}`, async () => {
    const applied = steps(...said, propspec);
    if (typeof called === "string") return assert.equal((await applied).called.join(" "), called);
    await assert.rejects(
      applied,
      (error) => isError(error, InapplicableProperty) && called.test(error.message),
    );
  });
}

test("only the chosen clause says anything of the host", () => {
  const chosen = os.osCase({ linux: os.debianTesting("amd64"), freebsd: os.arch("amd64") });
  const { hostattrs } = prepareHost(host("os.example", os.linux(), chosen));
  assert.equal(os.osOf(new Hostattrs(hostattrs))?.class, "debianTesting");
});

test("what the compiler knows of a case", () => {
  const posix: Propspec<"posix", true> = os.osCase({ linux: step("a"), otherwise: step("b") });
  // @ts-expect-error one of the clauses is a node property
  const mixed: Propspec<"posix"> = os.osCase({ linux: step("a"), otherwise: native() });
  const builder: Host<"node"> = host("builder", os.debianSuiteCase({ bookworm: native() }));
  // @ts-expect-error one of the clauses cannot be unapplied
  unapplied(os.osCase({ linux: step("a"), otherwise: forGood("b") }));
  // @ts-expect-error there is no such class
  assert.throws(() => os.osCase({ lunix: step("a") }));
  assert.throws(() => os.osCase({}));
  void [posix, mixed, builder];
});
