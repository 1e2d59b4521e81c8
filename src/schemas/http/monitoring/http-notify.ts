import * as z from 'zod';
import { nameSchema } from '../release/http-artifact.ts';

/** Body of POST /v1/notify/test. */
export const testNotifyRequestSchema = z.strictObject({
  service: nameSchema.exactOptional(),
  environment: nameSchema.exactOptional(),
});

export const testedTargetsSchema = z.object({
  targets: z.array(
    z.object({
      target: z.string(),
      isSent: z.boolean(),
      problem: z.string().nullable(),
      next: z.string().nullable(),
    }),
  ),
});
