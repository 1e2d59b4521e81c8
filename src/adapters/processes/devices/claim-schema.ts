import * as z from 'zod';

/** What a replica asked of the devices of the machine, and the parts of them that it was assigned: none while it waits. */
export const claimSchema = z.object({
  ask: z.object({
    devices: z.number().int().positive(),
    sharing: z.array(z.enum(['exclusive', 'mig', 'mps', 'time-slicing'])).readonly(),
    memoryBytes: z.number().nullable(),
  }),
  holds: z
    .array(
      z.object({
        device: z.string(),
        slot: z.string(),
        product: z.string().nullable(),
        memoryBytes: z.number().nullable(),
      }),
    )
    .readonly(),
  /** Why it waits; null where it does not. */
  lacking: z.string().nullable(),
});
export type RecordedClaim = z.infer<typeof claimSchema>;
