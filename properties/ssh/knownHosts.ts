import path from "node:path/posix";
import { z } from "zod";
import {
  type Finding,
  type Host,
  hostattr,
  type LookingHost,
  type Outcome,
  type PosixHost,
  posixProperty,
  prepareHost,
} from "../../engine/index.js";
import { edited, newLine } from "../file/editing/lines.js";
import { readRegularFile } from "../ownFiles.js";
import { keyIn, publicKey } from "./keys.js";

/** The public keys by which the host's ssh server can be recognised. All count. */
export const hostKeyAttr = hostattr("ssh.hostKey", z.string());
