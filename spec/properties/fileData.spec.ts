import { after, before } from "node:test";
import {
  AbortedChange,
  InvalidArgument,
  MissingData,
  registerDataSource,
} from "../../engine/index.js";
import { resetDataSources } from "../../engine/model/data.js";
import {
  dataUploaded,
  hostDataUploaded,
  hostSecretUploaded,
  secretUploaded,
} from "../../properties/file/index.js";
import * as hostname from "../../properties/hostname/index.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";

const key = "-----BEGIN KEY-----\n$(x) 'y' \"z\"\n";
const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256);
const items: Record<string, string | Uint8Array> = {
  "_keys tls": key,
  "_keys it's": "quoted\n",
  "_keys empty": "",
  "_files large": bytes,
  "cases.example /nowhere/at/all": "found by its path\n",
  "other.example /nowhere/at/all": "another's\n",
};

before(() =>
  registerDataSource({
    description: "items of this spec",
    version: async (iden1, iden2) => (`${iden1} ${iden2}` in items ? "1" : undefined),
    read: async (iden1, iden2) => Buffer.from(items[`${iden1} ${iden2}`] as Uint8Array),
  }),
);
after(() => resetDataSources());

runCases("file.dataUploaded and secretUploaded", [
  {
    name: "data, in a directory that is missing",
    props: (root) => dataUploaded("_keys", "tls", `${root}/-a b/$(c)`),
    outcome: "changed",
    becomes: { "-a b/$(c)": key },
    unapplied: { "-a b": { directory: true } },
  },
  {
    name: "a secret",
    props: (root) => secretUploaded("_keys", "it's", `${root}/a`),
    outcome: "changed",
    becomes: { a: { content: "quoted\n", mode: 0o600 } },
    unapplied: "restored",
  },
  {
    name: "a secret for a group",
    props: (root) => secretUploaded("_keys", "tls", `${root}/a`, { mode: 0o640, group: "daemon" }),
    outcome: "changed",
    becomes: { a: { content: key, mode: 0o640, group: "daemon" } },
    unapplied: "restored",
  },
  {
    name: "a secret that everybody could read",
    given: { a: { content: key, mode: 0o644 } },
    props: (root) => secretUploaded("_keys", "tls", `${root}/a`),
    outcome: "changed",
    becomes: { a: { content: key, mode: 0o600 } },
    unapplied: {},
  },
  {
    name: "a secret is not put into a directory that nobody thought of",
    props: (root) => secretUploaded("_keys", "tls", `${root}/a/b`),
    outcome: { fails: AbortedChange, says: /directoryExists/ },
  },
  {
    name: "another version of it: unapplied, that goes too",
    given: { a: "old\n" },
    props: (root) => dataUploaded("_keys", "tls", `${root}/a`),
    outcome: "changed",
    becomes: { a: key },
    unapplied: {},
  },
  {
    name: "200 kB of any bytes",
    props: (root) => dataUploaded("_files", "large", `${root}/a`),
    outcome: "changed",
    becomes: { a: { content: bytes } },
    unapplied: "restored",
  },
  {
    name: "nothing",
    props: (root) => dataUploaded("_keys", "empty", `${root}/a`),
    outcome: "changed",
    becomes: { a: "" },
    unapplied: "restored",
  },
  {
    name: "it is there",
    given: { a: key },
    props: (root) => dataUploaded("_keys", "tls", `${root}/a`),
    outcome: "unchanged",
    unapplied: {},
  },
  {
    name: "no source has it",
    props: (root) => dataUploaded("_keys", "none", `${root}/a`),
    outcome: { fails: MissingData, says: /items of this spec/ },
  },
  {
    name: "an empty name",
    props: () => dataUploaded("", "tls", "/a"),
    outcome: { fails: InvalidArgument },
  },
]);

const path = "/nowhere/at/all";

runCases("file.hostDataUploaded and hostSecretUploaded", [
  {
    name: "data",
    system: true,
    props: () => hostDataUploaded(path),
    outcome: "changed",
    becomes: { "nowhere/at/all": "found by its path\n" },
    unapplied: {},
  },
  {
    name: "data of a host that is called something else",
    system: true,
    said: [hostname.is("other.example")],
    props: () => hostDataUploaded(path),
    outcome: "changed",
    becomes: { "nowhere/at/all": "another's\n" },
    unapplied: {},
  },
  {
    name: "a secret, in a directory that is there",
    system: true,
    given: { "nowhere/at": { directory: true } },
    props: () => hostSecretUploaded(path),
    outcome: "changed",
    becomes: {
      "nowhere/at": { directory: true },
      "nowhere/at/all": { content: "found by its path\n", mode: 0o600 },
    },
    unapplied: "restored",
  },
] satisfies PropertyCase[]);
