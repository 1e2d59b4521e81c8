import * as z from 'zod';
import type { AnswerLimits } from '../../core/contract/objective/answer-limits.ts';

const limitMs = z.number().nonnegative();

/** What an answer has to keep to count as inside the objective. */
export const answerLimitsSchema: z.ZodType<AnswerLimits> = z.object({
  latencyMs: limitMs.exactOptional(),
  ttftMs: limitMs.exactOptional(),
});
