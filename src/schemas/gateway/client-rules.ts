import * as z from 'zod';
import type { ClientRules } from '../../core/access/shares/client-limits.ts';

const above = z.number().positive();
const limits = {
  requestsPerSecond: above.exactOptional(),
  concurrent: z.number().int().positive().exactOptional(),
  bytesPerSecond: above.exactOptional(),
};

/** Who counts as one client, and what each may ask; in routing tables and in releases. */
export const clientRulesSchema: z.ZodType<ClientRules> = z.object({
  header: z
    .string()
    .regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
    .exactOptional(),
  each: z.object(limits).exactOptional(),
  named: z.record(z.string().max(100), z.object({ weight: above.exactOptional(), ...limits })).exactOptional(),
});
