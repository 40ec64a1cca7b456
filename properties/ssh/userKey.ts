import { z } from "zod";
import { propList } from "../../engine/index.js";
import { existsWithContent, hostSecretUploaded, secretUploaded } from "../file/index.js";
import { publicKey } from "./keys.js";

const file = z.string().regex(/^\/[^\n\0]*[^\n\0/]$/, "expected an absolute path");

/**
 * The file is a private key, that of the public key, which is beside it in a file that ends in
 * `.pub`. It is the prerequisite data (host, path), or (iden1, path). Unapplied: both are gone.
 */
export const hasUserKey = propList("ssh.hasUserKey", {
  args: z.tuple([file, publicKey, z.string().min(1).exactOptional()]),
  desc: (path) => `ssh key ${path}`,
  props: (...[path, key, iden1]: [path: string, publicKey: string, iden1?: string]) => [
    existsWithContent(`${path}.pub`, key),
    iden1 === undefined ? hostSecretUploaded(path) : secretUploaded(iden1, path, path),
  ],
});
