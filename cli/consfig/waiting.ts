/** What the consfig's own code has not given yet, in words: told if it never comes. */
export const waiting = new Set<string>();
