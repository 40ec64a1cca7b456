/**
 * A connection: the shell at the end of a chain of hops, the connattrs that are learnt there, and the lock of
 * the host.
 *
 * This room may import `shell` and what is below that. It applies nothing.
 */
export { childStream } from "./childStream.js";
export { Connattrs } from "./connattrs.js";
export { accountAttr, Connection, unguessablePrompt } from "./connection.js";
export { hostLock, takeLock } from "./hostLock.js";
