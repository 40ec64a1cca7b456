/**
 * Calls the function when the signal is aborted: at once, if it is so already. The result is called
 * when that is of no interest any more.
 */
export function onAbort(signal: AbortSignal | undefined, call: () => void): () => void {
  if (signal?.aborted) call();
  if (!signal || signal.aborted) return () => {};
  // A signal passes an event, which is nobody's business here.
  const listener = () => call();
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
