import * as z from 'zod';
import type { ReplayStatus } from '../../../core/monitoring/replay/replay-status.ts';
import type { LeftReference } from '../../../core/monitoring/watch/drift-state.ts';
import type { DriftStatus } from '../../../core/monitoring/watch/drift-status.ts';
import type { SlicesStatus } from '../../../core/monitoring/slices/slice-status.ts';
import type { TrailPoint } from '../../../core/monitoring/watch/alarm/evidence-trail.ts';
import type { DriftHistory, FeatureHistory } from '../../../core/monitoring/watch/inputs/feature-history.ts';
import type { Observed } from '../../../core/monitoring/watch/observed-words.ts';
import { causes, type Sign, type TriageAnswer } from '../../../core/monitoring/triage/answer.ts';
import type { DriftSample } from '../../../core/monitoring/samples/drift-sample.ts';

/** How the watch of a service stands; null where nothing of it was captured, or nobody watches. */
export interface DriftAnswer {
  readonly status: DriftStatus | null;
  /** Why there is no status; null where there is one. */
  readonly because: string | null;
  /** How the scheduled golden replays stand; null where nothing is replayed, or that is not known. */
  readonly golden: ReplayStatus | null;
  readonly nowMs: number;
}

/** The features over time; null where nothing is watched, or nothing was captured yet. */
export interface DriftHistoryAnswer {
  readonly history: DriftHistory | null;
}

export interface DriftSamplesAnswer {
  /** Newest last. */
  readonly samples: readonly DriftSample[];
}

/** `distance` stands for live data that left its reference. */
export type AcknowledgedKind = 'feature' | 'group' | 'aggregate' | 'distance';

export interface AcknowledgeDriftRequest {
  readonly service: string;
  readonly environment: string;
  /** The alarm that is meant; null for all that are open. */
  readonly alarm: { readonly kind: AcknowledgedKind; readonly name: string } | null;
  readonly reason: string;
  /** What is captured from now on is the history that later windows are compared with. */
  readonly newReference: boolean;
}

const count = z.number().nonnegative();
const counts = z.record(z.string(), count);
const kind = z.enum(['feature', 'group', 'aggregate']);
const named = { kind, name: z.string() };

const signs = z.array(z.string() as z.ZodType<Sign>);
const besides = {
  why: z.string(),
  decides: z.array(z.object({ observation: z.string(), command: z.string().nullable() })),
};

export const diagnosisSchema: z.ZodType<TriageAnswer> = z.discriminatedUnion('verdict', [
  z.object({
    verdict: z.literal('named'),
    causes: z.array(
      z.object({
        cause: z.enum(causes),
        replicas: z.array(z.string()),
        evidence: z.array(z.string()),
        remedy: z.object({ what: z.string(), command: z.string() }),
      }),
    ),
    signs,
    besides: z.object(besides).exactOptional(),
  }),
  z.object({ verdict: z.literal('abstains'), ...besides, signs }),
  z.object({ verdict: z.literal('nothing'), signs: z.tuple([]) }),
]);

const observed: z.ZodType<Observed> = z.object({
  what: z.enum([
    'golden replays',
    'random share',
    'ordinary traffic',
    'inputs',
    'outputs',
    'labels',
    'files',
    'nodes',
    'changes',
  ]),
  state: z.enum(['fine', 'off', 'unknown']),
  found: z.string(),
});

const remedied = z.object({ did: z.enum(['isolate', 'roll-back', 'nothing']), what: z.string(), atMs: z.number() });

const alarm = z.object({
  ...named,
  arm: z.string().nullable(),
  statistic: z.number(),
  share: z.number(),
  atMs: z.number(),
  release: z.number(),
  moved: z.string(),
  sinceMs: z.number(),
  diagnosis: diagnosisSchema.exactOptional(),
  remedied: remedied.exactOptional(),
  observed: z.array(observed).exactOptional(),
});

const left: z.ZodType<LeftReference> = z.object({
  atMs: z.number(),
  release: z.number(),
  reason: z.string(),
  features: z.array(z.string()),
  sinceMs: z.number(),
  isChange: z.boolean(),
  diagnosis: diagnosisSchema.exactOptional(),
  observed: z.array(observed).exactOptional(),
});

const rate = z.object({ count: z.number(), perMs: z.number() });

const slicesSchema: z.ZodType<SlicesStatus> = z.object({
  follows: z.array(z.string()),
  by: z.array(
    z.object({
      feature: z.string(),
      state: z.enum(['missing', 'counted', 'fixed']),
      because: z.string(),
      slices: z.array(
        z.object({
          ...{ name: z.string(), rows: count, windows: count, series: count, judged: count, because: z.string() },
          ...{ capitalShare: count, isLatched: z.boolean() },
          distance: z.object({ measured: count, unknown: count, outside: count }).nullable(),
        }),
      ),
    }),
  ),
});

const statusSchema: z.ZodType<DriftStatus> = z.object({
  release: z.number(),
  rate: rate.nullable(),
  fleet: z.object({ rate, services: count }).exactOptional(),
  rows: count,
  lastRowAtMs: z.number().nullable(),
  unreadable: counts,
  strangeRows: count,
  failures: z.record(z.string(), z.string()).exactOptional(),
  budget: z.object({ watchedMs: count, expectedAtMost: count, alarms: count }),
  detectors: z.array(
    z.object({
      detector: z.enum(['control', 'series', 'distance']),
      holds: z.enum(['by design', 'if the forecaster does', 'with 95% confidence']),
      watches: z.string(),
      isRunning: z.boolean(),
      because: z.string(),
    }),
  ),
  features: z.array(
    z.object({
      name: z.string(),
      group: z.string(),
      kind: z.enum(['numeric', 'category']),
      capitalShare: count,
      isLatched: z.boolean(),
      series: z.object({ forecast: count, blocks: count, unknown: count }),
    }),
  ),
  alarms: z.array(alarm),
  left: left.nullable(),
  distance: z.object({ measured: count, unknown: count, left: z.array(z.string()) }).nullable(),
  comparison: z.object({ replicas: count, rowsPerHour: count, weight: count }).nullable(),
  slices: slicesSchema.exactOptional(),
});

const place = {
  node: z.string().nullable(),
  deviceClass: z.string().nullable(),
  driver: z.string().nullable(),
  fingerprint: z.string().nullable(),
};
const verdict = z.enum(['pass', 'fail', 'unknown']);
const atMs = z.number();
const outcome = z.object({
  ...{ atMs, verdict, replays: count, path: z.enum(['gateway', 'direct']) },
  ...{ requests: count, busyMs: count, reason: z.string() },
});
const replayStatusSchema: z.ZodType<ReplayStatus> = z.object({
  release: z.number(),
  everyMs: count,
  atMostShare: count,
  replicas: z.array(
    z.object({
      ...{ ...place, replicaId: z.string(), release: z.number() },
      ...{ passed: count, failed: count, unknown: count, requests: count, busyMs: count },
      ...{ verdict, inARow: count, sinceMs: atMs, dueAtMs: atMs, recent: z.array(outcome) },
      ...{ divergedAtMs: atMs.nullable(), goneAtMs: atMs.nullable(), diagnosis: diagnosisSchema.exactOptional() },
      ...{ remedied: remedied.exactOptional() },
      ...{ eValue: count.nullable(), logprobBets: count },
    }),
  ),
  pairs: z.array(
    z.object({
      ...{ replicas: z.tuple([z.string(), z.string()]), release: z.number(), fingerprint: z.string().nullable() },
      ...{ compared: count, differ: count, example: z.string().nullable(), faultAtMostShare: count.nullable() },
    }),
  ),
  notCompared: z.string().nullable(),
});

export const driftAnswerSchema: z.ZodType<DriftAnswer> = z.object({
  status: statusSchema.nullable(),
  because: z.string().nullable(),
  // An older control plane tells nothing of it.
  golden: replayStatusSchema.nullable().default(null),
  nowMs: z.number(),
});

const featureHistory: z.ZodType<FeatureHistory> = z.object({
  name: z.string(),
  group: z.string(),
  kind: z.enum(['numeric', 'category']),
  isLatched: z.boolean(),
  capitalShare: count,
  of: z.enum(['mean', 'category', 'missing']),
  category: z.string().nullable(),
  reference: z
    .object({ value: z.number(), low: z.number(), high: z.number(), from: z.enum(['evaluation', 'history']) })
    .nullable(),
  historyFromMs: z.number().nullable().exactOptional(),
  values: z.array(z.number().nullable()),
});

const trailPoint: z.ZodType<TrailPoint> = z.object({
  atMs: z.number(),
  statistic: count,
  most: z.array(z.object({ name: z.string(), capital: count })),
  alarm: z.object(named).exactOptional(),
});

export const driftHistoryAnswerSchema: z.ZodType<DriftHistoryAnswer> = z.object({
  history: z
    .object({
      release: z.number().nullable(),
      historyFromMs: z.number().nullable(),
      atMs: z.array(z.number()),
      features: z.array(featureHistory),
      more: count,
      trail: z.array(trailPoint),
    })
    .nullable(),
});

const sample: z.ZodType<DriftSample> = z.object({
  requestId: z.string(),
  atMs: z.number(),
  release: z.number(),
  replicaId: z.string().nullable(),
  drawn: z.string().nullable(),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  sizes: z
    .object({
      'tokens-in': z.number().exactOptional(),
      'tokens-out': z.number().exactOptional(),
      rows: z.number().exactOptional(),
      bytes: z.number().exactOptional(),
    })
    .exactOptional(),
  content: z.object({ request: z.string(), response: z.string() }).exactOptional(),
});

export const driftSamplesAnswerSchema: z.ZodType<DriftSamplesAnswer> = z.object({ samples: z.array(sample) });

export const acknowledgeDriftSchema = z.strictObject({
  service: z.string().min(1).max(200),
  environment: z.string().min(1).max(200),
  alarm: z.strictObject({ kind: z.enum([...kind.options, 'distance']), name: z.string().min(1).max(500) }).nullable(),
  reason: z.string().min(1).max(2_000),
  newReference: z.boolean(),
});
