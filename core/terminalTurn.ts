/** Something that draws on the terminal again and again. */
interface Drawing {
  /** It is gone, and nothing is drawn. */
  pause(): void;
  /** It is drawn again. */
  resume(): void;
}

const drawings = new Set<Drawing>();
let questions = 0;

/** The terminal is shared with whoever has a question: the drawing is away meanwhile. Ends by the result. */
export function shareTerminal(drawing: Drawing): () => void {
  drawings.add(drawing);
  if (questions > 0) drawing.pause();
  return () => drawings.delete(drawing);
}

/** The question has the terminal to itself until the work is done. */
export async function withTerminal<T>(work: () => Promise<T>): Promise<T> {
  if (questions++ === 0) for (const drawing of drawings) drawing.pause();
  try {
    return await work();
  } finally {
    if (--questions === 0) for (const drawing of drawings) drawing.resume();
  }
}
