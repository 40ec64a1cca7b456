import { onAbort } from "../../core/index.js";

/** How long whoever carries out an order may take to end: more than a command may, and less than 5 s. */
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
  const stop = onAbort(signal, () => {
    tell();
    late = setTimeout(end, graceMs).unref();
  });
  return () => {
    clearTimeout(late);
    stop();
  };
}
