/** Looks on hosts that have few programs: in every shell there is, with one program at a time. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { LookingHost, Words } from "../../../engine/index.js";
import { lookAtUrl } from "../../../properties/health/http.js";
import { isWell, type Look } from "../../../properties/health/look.js";
import { lookAtPort } from "../../../properties/health/port.js";
import { missing } from "../../helpers/programs.js";
import { type Server, startServer } from "./server.js";

const needed = ["date", "sleep", "tail", "head", "grep", "cat", "ls"];
const answer = { status: [200, 200], bodyContains: "all is well", insecure: false } as const;

function where(program: string): string {
  return execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
}

const lacking = missing("busybox", "curl", "wget");

describe("looks with few programs", { skip: lacking }, () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), "health-"));
  let server: Server;
  before(async () => {
    const shell = async (text: string) => execFileSync("sh", ["-c", text], { encoding: "utf8" });
    server = await startServer({ shell, view: () => "" });
  });
  after(() => rmSync(directory, { recursive: true }));
  let count = 0;

  /** A host that has these programs: each from where it is, or with that text. */
  function hostWith(shell: readonly string[], programs: Record<string, string>): LookingHost {
    const bin = mkdtempSync(path.join(directory, `${count++}-`));
    for (const program of needed) symlinkSync(where(program), path.join(bin, program));
    for (const [name, text] of Object.entries(programs)) {
      const file = path.join(bin, name);
      if (text.startsWith("/")) symlinkSync(text, file);
      else writeFileSync(file, text);
      if (!text.startsWith("/")) chmodSync(file, 0o755);
    }
    const test = async ([, ...words]: Words) => {
      const [program = "", ...first] = shell;
      const { status, stderr } = spawnSync(program, [...first, ...words.map(String)], {
        env: { PATH: bin },
        stdio: ["ignore", "pipe", "pipe"],
        encoding: "utf8",
      });
      assert.equal(stderr, "");
      return status === 0;
    };
    return { test } as LookingHost; // a look needs no other way
  }

  const nc = `#!/usr/bin/perl
use Socket; $ARGV[0] eq "-z" or die;
socket(S, PF_INET, SOCK_STREAM, 0) and connect(S, sockaddr_in($ARGV[2], inet_aton($ARGV[1]))) or die "$!\\n";`;
  const busybox = where("busybox");
  const shells = [["/bin/dash"], ["/bin/bash", "--posix"], [busybox, "sh"]];
  const ways: readonly [name: string, look: (there: Server) => Look, Record<string, string>][] = [
    ["a URL with curl", ({ url }) => lookAtUrl(url, answer), { curl: where("curl") }],
    ["a URL with wget", ({ url }) => lookAtUrl(url, answer), { wget: where("wget") }],
    [
      "a URL with busybox",
      ({ url }) => lookAtUrl(url, answer),
      { wget: busybox, timeout: busybox },
    ],
    ["a port with bash", ({ port }) => lookAtPort("127.0.0.1", port), { bash: "/bin/bash" }],
    ["a port with nc", ({ port }) => lookAtPort("127.0.0.1", port), { nc }],
    ["a port with an nc that has no -z", ({ port }) => lookAtPort("::1", port), { nc: busybox }],
    ["a port with nothing", ({ port }) => lookAtPort("127.0.0.1", port), {}],
  ];
  for (const shell of shells) {
    for (const [name, look, programs] of ways) {
      test(`${shell.join(" ")}: ${name}`, async () => {
        const host = hostWith(shell, programs);
        assert.equal(await isWell(host, look(server)), true);
        assert.equal(await isWell(host, look({ port: 1, url: "http://127.0.0.1:1" })), false);
      });
    }

    test(`${shell.join(" ")}: another host's port with nothing to connect with`, async () => {
      assert.equal(await isWell(hostWith(shell, {}), lookAtPort("192.0.2.1", server.port)), false);
    });
  }
});
