/** From being told to end until it is ended: more than any command may take, and less than 5 s. */
const graceMs = 4000;

/**
 * When the signal is aborted, whoever carries out an order is told to end, and ended if that takes
 * too long. The result is called when it is over.
 */
export function stopGracefully(
  signal: AbortSignal | undefined,
  { tell, end }: { readonly tell: () => void; readonly end: () => void },
): () => void {
  let late: NodeJS.Timeout | undefined;
  const cancel = () => {
    tell();
    late = setTimeout(end, graceMs).unref();
  };
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  return () => {
    clearTimeout(late);
    signal?.removeEventListener("abort", cancel);
  };
}
