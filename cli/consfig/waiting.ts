/** What the consfig's own code is to give, as long as it has not: told if that never comes. */
export const waiting = new Set<string>();
