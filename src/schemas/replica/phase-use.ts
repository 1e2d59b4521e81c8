import * as z from 'zod';
import type { PhaseUse } from '../../core/coldstart/phase-use.ts';

const amount = z.number().nonnegative();

/** What a phase of a start used, as a replica tells it and a control plane passes it on. */
export const phaseUseSchema = z.object({
  fileBytes: amount.exactOptional(),
  diskBytes: amount.exactOptional(),
  threadMs: amount.exactOptional(),
}) satisfies z.ZodType<PhaseUse>;
