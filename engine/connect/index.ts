/**
 * A shell at the end of a chain of hops, what is learnt there by looking, the host's lock.
 *
 * It may import `shell` and what is below that; it applies nothing.
 */
export { childStream } from "./childStream.js";
export { Connattrs } from "./connattrs.js";
export { accountAttr, Connection, unguessablePrompt } from "./connection.js";
export { hostLock, takeLock } from "./hostLock.js";
