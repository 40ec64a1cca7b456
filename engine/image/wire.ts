import { z } from "zod";

/** Ends what an image is doing, politely. */
export const cancelMessage = z.strictObject({ kind: z.literal("cancel") });
