import * as z from 'zod';
import { answerLimitsSchema } from './answer-limits.ts';
import { clientRulesSchema } from './client-rules.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';

/** Scheme and authority only: a path, a query or credentials in an endpoint would change what a request means. */
const endpoint = z.string().regex(/^https?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/, {
  message: 'expected http://HOST:PORT without a path',
});

const routedReplica = z.object({
  replicaId: z.string().min(1).max(200),
  endpoint,
  answersAs: z.string().min(1).max(320).exactOptional(),
});

const routingSplit = z.object({
  release: z.number().int().positive(),
  modelVersion: z.number().int().nonnegative(),
  share: z.number().min(0).max(1),
  replicas: z.array(routedReplica).max(10_000),
});

/** A field name as Node spells it on a request that came in: lower case. */
const headerName = z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/);

const tolerance = z.object({ absolute: z.number().min(0), relative: z.number().min(0), argMax: z.boolean() });

const routingShadow = z.object({
  release: z.number().int().positive(),
  modelVersion: z.number().int().nonnegative(),
  share: z.number().gt(0).max(1),
  replicas: z.array(routedReplica).max(10_000),
  agreement: z.object({ rule: z.enum(['values', 'arg-max']), tolerance }).exactOptional(),
});

/** Which step a gateway counts for. */
export const routingCanarySchema = z.object({
  release: z.number().int().positive(),
  against: z.number().int().positive(),
  step: z.number().int().min(-1).max(1000),
  startedAtMs: z.number(),
});

const share = z.number().min(0).max(1);

const routingCapture = z.object({
  sampleShare: share,
  controlShare: share,
  maxBodyBytes: z.number().int().positive(),
  spoolBytes: z.number().positive(),
});

/** One routing generation as the control plane sends it (server-sent event `routing`) and as a gateway keeps it. */
export const routingTableSchema: z.ZodType<RoutingTable> = z
  .object({
    service: z.string().min(1),
    environment: z.string().min(1),
    generation: z.number().int().positive(),
    protocol: z.enum(['open-inference-v2', 'openai']),
    model: z.string().min(1),
    splits: z.array(routingSplit).max(100),
    starting: z.boolean(),
    issuedAtMs: z.number(),
    removed: z.literal(true).exactOptional(),
    stickyBy: z.object({ header: headerName }).exactOptional(),
    shadow: routingShadow.exactOptional(),
    canary: routingCanarySchema.exactOptional(),
    capture: routingCapture.exactOptional(),
    objective: answerLimitsSchema.exactOptional(),
    clients: clientRulesSchema.exactOptional(),
  })
  .refine((table) => table.splits.length === 0 || Math.abs(sumOfShares(table.splits) - 1) < 1e-6, {
    message: 'the shares of the splits must sum to 1',
    path: ['splits'],
  });

/** `<state>/run/routing-<gateway>.json`: what a gateway restarted without its control plane serves on with. */
export const routingFileSchema = z.object({ format: z.literal(1), table: routingTableSchema });
export type RoutingFile = z.infer<typeof routingFileSchema>;

function sumOfShares(splits: readonly { readonly share: number }[]): number {
  return splits.reduce((sum, split) => sum + split.share, 0);
}
