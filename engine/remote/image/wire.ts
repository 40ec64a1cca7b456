import { z } from "zod";

/** Ends what an image is doing, politely. */
export const cancelMessage = z.strictObject({ kind: z.literal("cancel") });

/** Asks for a sign of life: the image tells null, which is no event, as it does when it is ready. */
export const pingMessage = z.strictObject({ kind: z.literal("ping") });
