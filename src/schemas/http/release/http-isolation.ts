import * as z from 'zod';
import type { IsolationAction } from '../../../core/rollout/isolation/ask-isolation.ts';
import type { Isolation } from '../../../core/rollout/isolation/isolation.ts';

export interface IsolateReplicaRequest {
  readonly service: string;
  readonly environment: string;
  readonly replicaId: string;
  readonly action: IsolationAction;
  readonly reason: string;
  /** For how long the replica is kept; a day where that is not said. */
  readonly forMs?: number;
}

export interface IsolationAnswer {
  /** Null where none is left. */
  readonly isolation: Isolation | null;
  /** What became of it. */
  readonly summary: string;
}

export const isolationSchema: z.ZodType<Isolation> = z.object({
  replicaId: z.string(),
  stage: z.enum(['waiting', 'isolated', 'returning', 'leaving']),
  reason: z.string(),
  by: z.string(),
  askedAtMs: z.number(),
  sinceMs: z.number().nullable(),
  untilMs: z.number(),
});

export const isolationAnswerSchema: z.ZodType<IsolationAnswer> = z.object({
  isolation: isolationSchema.nullable(),
  summary: z.string(),
});

/** Nobody looks for the cause of a fault for longer. */
export const isolatedAtMostMs = 30 * 86_400_000;

export const isolateReplicaSchema = z.strictObject({
  service: z.string().min(1).max(200),
  environment: z.string().min(1).max(200),
  replicaId: z.string().min(1).max(200),
  action: z.enum(['isolate', 'return', 'stop']),
  reason: z.string().min(1).max(2_000),
  forMs: z.number().int().min(60_000).max(isolatedAtMostMs).exactOptional(),
});
