import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { local } from "../../../connections/local/index.js";
import {
  Cancelled,
  deployThese,
  host,
  InvalidArgument,
  type Propspec,
  script,
  sh,
  Unhealthy,
} from "../../../engine/index.js";
import * as health from "../../../properties/health/index.js";
import { type Place, placeOf, places } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { type Server, startServer } from "./server.js";

interface ServerCase extends Pick<PropertyCase, "name" | "outcome" | "system"> {
  readonly server?: Parameters<typeof startServer>[1];
  readonly prepare?: (place: Place) => Promise<unknown>;
  readonly props: (server: Server) => Propspec<"posix">;
}

/** A case about a server that is started before. */
function withServer({ server, prepare, props, ...common }: ServerCase): PropertyCase {
  let started: Server | undefined;
  return {
    ...common,
    async prepare(place) {
      await prepare?.(place);
      started = await startServer(place, server);
    },
    props: () => props(started as Server), // prepared before
  };
}

/** By place, since cases are run in several at once. */
const inEach = (cases: () => readonly PropertyCase[], title: string, where = places()) => {
  for (const place of where) runCases(title, cases(), [place]);
};

inEach(
  () => [
    withServer({
      name: "something accepts connections",
      props: ({ port }) => health.port(port),
      outcome: "unchanged",
    }),
    withServer({
      name: "something does after a while, by another name of the host",
      server: { delay: 2 },
      props: ({ port }) => health.port(port, { host: "localhost", withinSeconds: 20 }),
      outcome: "unchanged",
    }),
    withServer({
      name: "nothing does in time",
      server: { delay: 50 },
      props: ({ port }) => health.port(port, { withinSeconds: 1 }),
      outcome: { fails: Unhealthy, says: /at port \d+: Connection refused, after 1 s .*log/ },
    }),
  ],
  "health.port",
);

const soon = () => Math.floor(Date.now() / 1000) + 2;

inEach(
  () => [
    {
      name: "the command succeeds",
      props: () => health.command(sh`true`),
      outcome: "unchanged",
    },
    {
      name: "it succeeds after a while",
      props: () => health.command(script`[ "$(date +%s)" -ge ${soon()} ]`, { withinSeconds: 20 }),
      outcome: "unchanged",
    },
    {
      name: "it does not: what it printed is told",
      props: () =>
        health.command(script`echo "not yet"; printf "it's %s" ${"$HOME"} >&2; exit 3`, {
          withinSeconds: 0,
        }),
      outcome: { fails: Unhealthy, says: /: exit code 3, after 0 s not yet\nit's \$HOME / },
    },
    {
      name: "one that is not there is not waited for",
      props: () => health.command(sh`no-such-program-at-all -x`, { withinSeconds: 600 }),
      outcome: {
        fails: Unhealthy,
        says: /does not succeed: exit code 127 .*(not found|No such file)/,
      },
    },
    {
      name: "one that hangs is ended",
      props: () => health.command(sh`sleep 300`, { withinSeconds: 1 }),
      outcome: { fails: Unhealthy, says: /sleep 300 does not succeed: exit code 1\d\d, after 1 s/ },
    },
  ],
  "health.command",
);

const answers = (prepare?: ServerCase["prepare"]): readonly PropertyCase[] => {
  const each = (one: ServerCase) =>
    withServer({ ...one, ...(prepare ? { prepare, system: true } : {}) });
  return [
    each({
      name: "the URL answers, with that text in the body",
      props: ({ url }) => health.http(`${url}/?a=b&c[x]=d`, { bodyContains: "all is" }),
      outcome: "unchanged",
    }),
    each({
      name: "it answers after a while",
      server: { delay: 1, failures: 2 },
      props: ({ url }) => health.http(url, { withinSeconds: 20 }),
      outcome: "unchanged",
    }),
    each({
      name: "it answers with another status",
      server: { failures: 99 },
      props: ({ url }) => health.http(url, { withinSeconds: 1 }),
      outcome: { fails: Unhealthy, says: /does not answer as it should: status 503, after 1 s/ },
    }),
    each({
      name: "a status in a range",
      server: { failures: 99 },
      props: ({ url }) => health.http(url, { status: [500, 599] }),
      outcome: "unchanged",
    }),
    each({
      name: "a redirection is an answer",
      props: ({ url }) => health.http(`${url}/moved`, { status: 302 }),
      outcome: "unchanged",
    }),
    each({
      name: "text of headers and of the URL is not in the body",
      props: ({ url }) =>
        health.http(`${url}/Secret-Of`, { bodyContains: "Secret-Of", withinSeconds: 0 }),
      outcome: { fails: Unhealthy, says: /status 200, without the text/ },
    }),
    each({
      name: "text is looked for as it stands",
      props: ({ url }) => health.http(url, { bodyContains: "*$(id)", withinSeconds: 0 }),
      outcome: { fails: Unhealthy, says: /status 200, without the text/ },
    }),
    each({
      name: "a body without end",
      props: ({ url }) => health.http(`${url}/long`, { bodyContains: "xxx" }),
      outcome: "unchanged",
    }),
    each({
      name: "nobody answers",
      server: { delay: 50 },
      props: ({ url }) => health.http(url, { withinSeconds: 0 }),
      outcome: { fails: Unhealthy, says: /refused|connect to server/ },
    }),
    each({
      name: "an answer that does not come",
      props: ({ url }) => health.http(`${url}/hangs`, { withinSeconds: 0 }),
      outcome: { fails: Unhealthy, says: /no answer, after/ },
    }),
  ];
};

inEach(
  () => answers(),
  "health.http",
  places().filter(({ name }) => name === "local"),
);
inEach(
  () => answers((place) => place.shell("ln -s $(command -v busybox) /usr/local/bin/wget")),
  "health.http with busybox",
  [placeOf("plain")],
);
inEach(
  () => [
    {
      name: "without a program that asks",
      system: true,
      props: () => health.http("http://localhost/", { withinSeconds: 600 }),
      outcome: { fails: Unhealthy, says: /neither curl nor wget is there to ask with / },
    },
  ],
  "health.http with nothing",
  [placeOf("plain")],
);

describe("health", () => {
  test("what can be no port, host or URL is refused", () => {
    for (const port of [0, 65_536, 1.5]) assert.throws(() => health.port(port), InvalidArgument);
    for (const name of ["-x", "", "a b", "a/b", "$(x)"]) {
      assert.throws(() => health.port(80, { host: name }), InvalidArgument, name);
    }
    for (const url of ["-x", "localhost", "ftp://localhost", "file:///etc/passwd", ""]) {
      assert.throws(() => health.http(url), InvalidArgument, url);
    }
    assert.throws(() => health.command(sh`true`, { withinSeconds: -1 }), InvalidArgument);
  });

  const subject = host("health.example");

  test("looking costs no round trip of its own when all is well", async () => {
    const trips = async (count: number) => {
      const props = Array.from({ length: count }, () => health.command(sh`true`));
      const { counts, traffic } = await deployThese([local()], subject, props);
      assert.equal(counts.unchanged, count);
      return traffic?.roundTrips;
    };
    assert.equal(await trips(5), await trips(1));
  });

  test("who cancels is not waited for, and nothing stays on the host", async () => {
    const seconds = `300.${process.pid}`;
    const runs = () =>
      readdirSync("/proc").some((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${seconds}\0`;
        } catch {
          return false; // no process, or one that has ended
        }
      });
    const cancel = new AbortController();
    const props = [health.command(sh`sleep ${seconds}`, { withinSeconds: 600 })];
    let waits = false;
    const report = deployThese([local()], subject, props, {
      signal: cancel.signal,
      listener: (event) => {
        waits ||= event.type === "inform" && event.text.includes(" 600 ");
      },
    });
    while (!waits || !runs()) await wait(20);
    cancel.abort();
    const { error } = await report;
    assert.equal(error?.code, Cancelled.code);
    assert.equal(runs(), false);
  });
});
