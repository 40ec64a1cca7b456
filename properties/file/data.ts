import { z } from "zod";
import {
  dataAttr,
  type Finding,
  type Hostattrs,
  type LookingHost,
  type Outcome,
  type PosixHost,
  posixProperty,
} from "../../engine/index.js";
import { type Attributes, attributes, pathBelowRoot } from "./arguments.js";
import { removeFile, writeContent, writtenSoFar } from "./content.js";

type DataArgs = [iden1: string, iden2: string, path: string, attributes?: Attributes];
type HostDataArgs = [path: string, attributes?: Attributes];

const iden = z.string().min(1);
const dataArgs = z.tuple([iden, iden, pathBelowRoot, attributes.exactOptional()]);
const hostDataArgs = z.tuple([pathBelowRoot, attributes.exactOptional()]);

/** What is uploaded where. */
interface Upload {
  readonly iden1: string;
  readonly iden2: string;
  readonly path: string;
  readonly wanted?: Attributes | undefined;
  readonly isSecret?: boolean;
}

/**
 * The file has the content of that item of prerequisite data. Its directory is made when missing,
 * unless a mode is given. Unapplied: the file does not exist.
 */
export const dataUploaded = posixProperty<DataArgs>("file.dataUploaded", {
  args: dataArgs,
  desc: (iden1, iden2, path) => `${path} has the data (${iden1}, ${iden2})`,
  ...uploads<DataArgs>((_host, iden1, iden2, path, wanted) => ({ iden1, iden2, path, wanted })),
});

/**
 * Like {@link dataUploaded}. It has the mode 0600, and belongs to the account that commands run as,
 * unless others are given: a file that was there before does not keep its owner.
 */
export const secretUploaded = posixProperty<DataArgs>("file.secretUploaded", {
  args: dataArgs,
  desc: (iden1, iden2, path) => `${path} has the secret (${iden1}, ${iden2})`,
  ...uploads<DataArgs>((_host, iden1, iden2, path, wanted) => ({
    iden1,
    iden2,
    path,
    wanted,
    isSecret: true,
  })),
});

/** Like {@link dataUploaded}, for the item that is named by the host and the path. */
export const hostDataUploaded = posixProperty<HostDataArgs>("file.hostDataUploaded", {
  args: hostDataArgs,
  desc: (path) => `${path} has the host's data`,
  ...uploads<HostDataArgs>((host, path, wanted) => ({ iden1: host, iden2: path, path, wanted })),
});

/** Like {@link hostDataUploaded}, with mode and owner as {@link secretUploaded} has them. */
export const hostSecretUploaded = posixProperty<HostDataArgs>("file.hostSecretUploaded", {
  args: hostDataArgs,
  desc: (path) => `${path} has the host's secret`,
  ...uploads<HostDataArgs>((host, path, wanted) => ({
    iden1: host,
    iden2: path,
    path,
    wanted,
    isSecret: true,
  })),
});

function uploads<A extends readonly unknown[]>(upload: (host: string, ...args: A) => Upload) {
  return {
    hostattrs(attrs: Hostattrs, ...args: A): void {
      const { iden1, iden2 } = upload(attrs.hostname, ...args);
      attrs.requireData(iden1, iden2);
    },
    async check(host: LookingHost, ...args: A): Promise<Finding> {
      const item = upload(host.name, ...args);
      const { iden1, iden2, path } = item;
      // What is only unapplied declares no data, and needs none.
      if (!isDeclared(host, iden1, iden2)) return (await host.exists(path)) && "partly";
      const { content } = await host.data(iden1, iden2);
      return writtenSoFar(host, path, content, await attributesOf(item, host));
    },
    async apply(host: PosixHost, ...args: A): Promise<Outcome> {
      const item = upload(host.name, ...args);
      const { content } = await host.data(item.iden1, item.iden2);
      return writeContent(host, item.path, content, await attributesOf(item, host));
    },
    unapply: (host: PosixHost, ...args: A): Promise<Outcome> =>
      removeFile(host, upload(host.name, ...args).path),
  };
}

async function attributesOf(
  { wanted = {}, isSecret }: Upload,
  host: LookingHost,
): Promise<Attributes> {
  if (!isSecret) return wanted;
  return { mode: 0o600, user: wanted.user ?? (await host.account()).uid, ...wanted };
}

/** Whether the consfig says that the host needs that item of prerequisite data. */
export function isDeclared({ attrs }: LookingHost, iden1: string, iden2: string): boolean {
  return attrs.get(dataAttr).some(([one, two]) => one === iden1 && two === iden2);
}
