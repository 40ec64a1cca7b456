/**
 * A web service as an executable behind the real nginx: the example, deployed to a real host with
 * systemd; changed, and deployed again; and looked through for what must not be in it.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Scratch } from "../cli/command.js";
import { Place } from "../connections/node/place.js";
import { until } from "../helpers/processes.js";
import { testbedUnavailable } from "../testbed/index.js";
import { offerPackages } from "../testbed/packages.js";
import { filesWith, inFile, inMemory, ownNumber, processesLike, shownBy } from "./scan.js";

const example = fileURLToPath(new URL("../../../examples/coolWebService/", import.meta.url));
const random = () => randomBytes(20).toString("hex");

/** What only this deployment knows: a secret, an argument of another property, and the environment. */
const needles = { secret: random(), argument: random(), environment: random() };
/** What the executable has in it by design: the service's own source, and the form's name. */
const inside = { answer: "This service is cool.", form: "coolWebService.start" };

const consfig = (sshConfig: string) => `
import { host, registerDataSource } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { ssh } from "consfigurator/connections/ssh";
import { filesTree } from "consfigurator/data/filesTree";
import * as file from "consfigurator/properties/file";
import * as os from "consfigurator/properties/os";
import { cool } from "./example/consfig.js";

registerDataSource(filesTree("data"));

export const h01 = host("h01",
  { deploy: [ssh({ user: "root", configFile: ${JSON.stringify(sshConfig)} }), node()] },
  os.debianStable("bookworm", "amd64"),
  file.secretUploaded("_web", "key", "/etc/web.key"),
  file.hasContent("/etc/web.argument", process.env.ARGUMENT ?? ""),
  cool,
);
`;

/** What a deployment told. */
interface Told {
  readonly text: string;
  readonly changed: number;
  readonly bytesSent: number;
}

const program = "/usr/local/bin/cool-web-service";

describe("a web service", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let scratch: Scratch;
  const ends: (() => void)[] = [];

  before(async () => {
    place = await Place.open(1, "systemd");
    place.installNode();
    await offerPackages(place.bed.host(0), "nginx");
    scratch = new Scratch({ after: (end) => ends.push(end) });
    scratch.write("consfig.ts", consfig(place.bed.sshConfigFile));
    scratch.write("data/_web/key", needles.secret);
    cpSync(example, scratch.path("example"), { recursive: true });
  });
  after(async () => {
    await place?.close();
    for (const end of ends) end();
  });

  async function deployed(): Promise<Told> {
    const environment = { ARGUMENT: needles.argument, OTHER: needles.environment };
    const { code, stdout, stderr } = await scratch.start(["deploy", "-v"], environment).ended;
    const text = stdout + stderr;
    assert.equal(code, 0, text);
    const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
    return {
      text,
      changed: number(/^h01 +(\d+) changed/m),
      bytesSent: number(/sent (\d+) bytes of modules/),
    };
  }

  async function onHost(command: string): Promise<string> {
    const { stdout, stderr, code } = await place.bed.host(0).shell(command);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  /** The service's process, as its host numbers it. */
  const mainPid = async () => Number(await onHost("systemctl show -P MainPID cool-web-service"));
  const executable = () => path.join(place.bed.host(0).root, program);
  const hash = () => createHash("sha256").update(readFileSync(executable())).digest("hex");

  /** To this machine, which is none of the host's own. */
  async function answer(): Promise<string> {
    const url = `http://${place.bed.host(0).address}/`;
    const asked = await fetch(url, { headers: { Connection: "close" } }).catch(() => undefined);
    return (await asked?.text()) ?? "";
  }
  /** A service that was started a moment ago does not listen at once. */
  const untilAnswering = (text: string) =>
    until(async () => (await answer()) === `${text}\n`, `answering ${text}`, 30_000);

  test("answers through nginx after the first deployment", async () => {
    const { changed, text } = await deployed();
    assert.equal(changed, 3, "the secret, the argument, the service with nginx");
    assert.match(
      text,
      /changed +\/usr\/local\/bin\/cool-web-service evaluates coolWebService\.start/,
    );
    assert.match(text, /changed +nginx installed/);
    await untilAnswering(inside.answer);
    assert.match(await onHost("nginx -v 2>&1"), /^nginx version: nginx\/\d/);
  });

  test("is left alone when nothing has changed", async () => {
    const before = [await mainPid(), hash()];
    const { changed, bytesSent } = await deployed();
    assert.deepEqual([changed, bytesSent], [0, 0]);
    assert.deepEqual([await mainPid(), hash()], before);
    assert.equal(await answer(), `${inside.answer}\n`);
  });

  test("is an executable without requests, data and environment of the deployment", async () => {
    assert.deepEqual(inFile(executable(), { ...needles, ...inside }), ["answer", "form"]);
    const { secret, argument, environment } = await filesWith(place.bed.host(0).root, needles);
    assert.deepEqual(argument, ["/etc/web.argument"]);
    assert.deepEqual(environment, []);
    const [kept, put, ...others] = (secret ?? []).toSorted().toReversed();
    assert.match(kept ?? "", /^\/root\/\.cache\/consfigurator\/data\//);
    assert.deepEqual([put, others], ["/etc/web.key", []]);
  });

  test("is a process that knows nothing of them either", async () => {
    const own = await mainPid();
    const pid = processesLike(place.bed.host(0).pid).find((one) => ownNumber(one) === own) ?? 0;
    assert.deepEqual(inMemory(pid, { ...needles, ...inside }), ["answer", "form"]);
    assert.deepEqual(shownBy(pid, needles), []);
    assert.notEqual(await onHost(`stat -c %u /proc/${own}`), "0");
  });

  test("is made of the same bytes again when its executable is gone", async () => {
    const [pid, bytes] = [await mainPid(), hash()];
    await onHost(`rm ${program}`);
    const { changed, bytesSent } = await deployed();
    assert.deepEqual([changed, bytesSent], [1, 0]);
    assert.equal(hash(), bytes);
    assert.notEqual(await mainPid(), pid);
    await untilAnswering(inside.answer);
  });

  test("is replaced and started anew when a line of it has changed", async () => {
    const [pid, bytes] = [await mainPid(), hash()];
    const module = scratch.path("example/coolWebService.ts");
    const source = readFileSync(module, "utf8");
    writeFileSync(module, source.replace(inside.answer, "This service is cooler."));
    const { changed, bytesSent, text } = await deployed();
    assert.equal(changed, 1);
    assert.ok(bytesSent > 0 && bytesSent < 20_000, `${bytesSent} bytes`);
    assert.match(text, /changed +cool-web-service\.service restarted/);
    assert.doesNotMatch(text, /nginx reloaded/);
    assert.notEqual(hash(), bytes);
    assert.notEqual(await mainPid(), pid);
    await untilAnswering("This service is cooler.");
    assert.deepEqual(inFile(executable(), inside), ["form"], "nothing is left of the one before");
  });

  test("is left alone again after that", async () => {
    const pid = await mainPid();
    const { changed, bytesSent } = await deployed();
    assert.deepEqual([changed, bytesSent, await mainPid()], [0, 0, pid]);
  });
});
