import { clientParts } from '../../core/rollout/judge/client-parts.ts';
import * as z from 'zod';
import { latencyBins } from '../../core/rollout/judge/latency-bins.ts';
import { routingCanarySchema } from './routing.ts';

const count = z.number().int().nonnegative();

/** Sparse: bin number (core/rollout/latency-bins.ts) to units. */
const latency = z
  .record(z.string().regex(/^\d{1,3}$/), count)
  .refine((bins) => Object.keys(bins).every((bin) => Number(bin) < latencyBins.count), {
    message: `expected bins from 0 to ${latencyBins.count - 1}`,
  });

const partNumber = z
  .number()
  .int()
  .min(0)
  .max(clientParts - 1);

/** An `ArmInterval` (core/rollout/canary.ts). */
const arm = z.object({ units: count, errors: count, latency });

/**
 * What one gateway counted in one interval of one step. The interval is closed when it is first sent, and sent again as it is
 * until a report with it was acknowledged, so whoever adds them up takes each once: of a gateway process (`gatewayId`,
 * `startedAtMs`) only those with a `sequence` above the last one taken. Nothing in between is missing.
 */
export const canaryCountsSchema = z.object({
  /** From 1 in each gateway process. */
  sequence: z.number().int().positive(),
  step: routingCanarySchema,
  fromMs: z.number(),
  toMs: z.number(),
  /** The releases of the step that were seen. Cold: the first requests of a replica in this gateway. */
  releases: z
    .array(
      z.object({
        release: z.number().int(),
        units: z.object({ warm: arm, cold: arm }),
        /** Of `warm`, what came from each part of the clients (core/rollout/judge/client-parts.ts). */
        parts: z
          .array(
            z.object({
              part: partNumber,
              units: arm,
            }),
          )
          .max(clientParts)
          .exactOptional(),
      }),
    )
    .max(2),
  /** `MissedPairs` (core/rollout/judge/canary.ts); absent from an older gateway, and where none was counted. */
  missedPairs: z
    .array(z.object({ part: partNumber, canaryOnly: count, liveOnly: count }))
    .max(clientParts)
    .exactOptional(),
  /** Answers of the shadow beside the ones that clients got. `reasons` says why others were skipped. */
  agreement: z
    .object({
      release: z.number().int(),
      compared: count,
      agreed: count,
      skipped: count,
      reasons: z.record(z.string().max(60), count),
    })
    .exactOptional(),
  /** Sticky requests that another split answered, because theirs had no free replica in time; in no unit. */
  stickyFallbacks: count,
  /** Windows of sticky keys that the change to this step cut off; they are in no unit. */
  dropped: count,
});
export type CanaryCounts = z.infer<typeof canaryCountsSchema>;

/**
 * Field of the answer to a report: the last `sequence` of this gateway process that is recorded, so that it outlives whoever
 * took it. Without it (an older control plane) an answer acknowledges what the report carried.
 */
export const countsRecordedHeader = 'plimsoll-counts-recorded';

/** Intervals that wait for an acknowledgement at most; while one waits, what comes later is added up in the next one. */
export const canaryCountsAtMost = 4;

/** What a gateway says to the control plane once a second, and at once after it applied a routing generation. */
export const gatewayReportSchema = z.object({
  gatewayId: z.string().min(1).max(100),
  /** Where clients reach it: `http://127.0.0.1:8080`. */
  address: z.string(),
  pid: z.number().int(),
  startedAtMs: z.number(),
  /** Newest generation applied; 0 before the first. */
  acknowledgedGeneration: z.number().int().nonnegative(),
  /** When that was issued; absent before the first, and from an older gateway. */
  acknowledgedIssuedAtMs: z.number().exactOptional(),
  atMs: z.number(),
  residentBytes: z.number().nonnegative(),
  /** Requests waiting in the gateway's queue. */
  queueDepth: count,
  inFlight: count,
  /** Cumulative since the gateway's start. */
  arrivals: count,
  answered: count,
  /** 429 and 503 given by the gateway itself. */
  rejected: count,
  /** 5xx from replicas, or broken connections. */
  failed: count,
  retried: count,
  releases: z.array(
    z.object({
      release: z.number().int(),
      requests: count,
      errors: count,
      /** Over the last report interval; null without a request in it. */
      latencyP50Ms: z.number().nullable(),
      latencyP99Ms: z.number().nullable(),
    }),
  ),
  replicas: z.array(
    z.object({
      replicaId: z.string(),
      inFlight: count,
      requests: count,
      /** Answers below 400 of requests that were sent to it warm, and the sum of their times with it; absent from an older gateway. */
      warm: z.object({ answers: count, serviceMs: z.number().nonnegative() }).exactOptional(),
      /**
       * Whole answers below 500, and milliseconds in which at least one request was with the replica. Counters as the others;
       * absent from a gateway of before it, of which that is unknown.
       */
      work: z
        .object({
          answers: count,
          busyMs: z.number().nonnegative(),
          /** Answers that clients got inside the objective, and tokens that answers told; absent from an older gateway. */
          inside: count.exactOptional(),
          tokens: count.exactOptional(),
          /** Of `busyMs`: for copies to a shadow, and for golden replays. Each request has an equal part of a moment. */
          shadowMs: z.number().nonnegative().exactOptional(),
          goldenMs: z.number().nonnegative().exactOptional(),
        })
        .exactOptional(),
      /**
       * What moves: bytes of answers and whole answers below 500, counters as the others. `waiting`: requests that are whole, whose
       * client waits as long as is promised, and that have no byte of an answer. `givenUp`: such that ended without one, a counter.
       * Absent from an older gateway.
       */
      progress: z
        .object({
          ...{ bytes: count, finished: count, waiting: count, givenUp: count },
          /** Age of the oldest that waits; the longest whole answer of the last hour; the longest time that one that waits is allowed. */
          oldestMs: z.number().nonnegative(),
          longestMs: z.number().nonnegative(),
          allowedMs: z.number().nonnegative(),
          /** None that waits is far larger or more patient than each that was answered in the last hour. */
          isAlike: z.boolean().exactOptional(),
        })
        .exactOptional(),
    }),
  ),
  /** What scaling sizes by; absent from a gateway of before it, of which that is unknown. Counters as the others. */
  scaling: z
    .object({
      /** By a clock that never steps, from any moment on; absent from an older gateway, whose rates are by `atMs`. */
      upMs: z.number().nonnegative().exactOptional(),
      /** Age of the oldest request that waits for a replica; 0 for an empty queue. */
      oldestWaitMs: z.number().nonnegative(),
      /** Requests that asked for a replica: those that were wrong from the start are left out. */
      arrivals: count,
      /** Requests with a whole answer below 400: an error is no capacity. An older gateway counts errors too. */
      completions: count,
      /** Those of them whose replica was no longer cold when they were sent to it. */
      timed: count,
      /** Sum of the times that those were with their replica. */
      serviceMs: z.number().nonnegative(),
      /** In each unit that the gateway can tell (core/scaling/acting/gateway-load.ts); absent from an older gateway. */
      work: z
        .object({
          bytesArrived: count,
          bytesCompleted: count,
          rowsArrived: count,
          rowsCompleted: count,
          rowedCompletions: count,
          tokensIn: count,
          tokensOut: count,
          tokenedCompletions: count,
        })
        .exactOptional(),
    })
    .exactOptional(),
  /**
   * What the health of the service is judged by: requests that the service owed an answer, those of them that failed by its
   * fault, and how long answers took from arrival to end. Counters as the others; absent from a gateway of before it.
   * `ttft`: of streamed answers alone, from arrival to their first bytes; absent where none was streamed.
   */
  outcomes: z.object({ requests: count, failed: count, latency, ttft: latency.exactOptional() }).exactOptional(),
  /** Captured requests: those that were written to the spool, and those that were lost. Counters as the others. */
  capture: z.object({ captured: count, dropped: count }).exactOptional(),
  /** Unacknowledged counts for the judge, oldest first; absent where no step is judged. */
  counts: z.array(canaryCountsSchema).max(canaryCountsAtMost).exactOptional(),
});
export type GatewayReport = z.infer<typeof gatewayReportSchema>;
