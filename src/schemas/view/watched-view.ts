import * as z from 'zod';
import { evidenceStateSchema } from '../http/http-evidence.ts';

/** The part of a control plane's view that `check --watch` reads; newer control planes may say more. */
export const watchedViewSchema = z.object({
  service: z.string(),
  environment: z.string(),
  evidence: z.array(evidenceStateSchema).max(100),
});
export type WatchedView = z.output<typeof watchedViewSchema>;
