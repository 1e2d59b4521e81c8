import * as z from 'zod';

/** What a gateway says to the control plane once a second, and at once after it applied a routing generation. */
export const gatewayReportSchema = z.object({
  gatewayId: z.string().min(1).max(100),
  /** Where clients reach it: `http://127.0.0.1:8080`. */
  address: z.string(),
  pid: z.number().int(),
  startedAtMs: z.number(),
  /** Newest generation applied; 0 before the first. */
  acknowledgedGeneration: z.number().int().nonnegative(),
  atMs: z.number(),
  residentBytes: z.number(),
  /** Requests waiting in the gateway's queue. */
  queueDepth: z.number().int(),
  inFlight: z.number().int(),
  /** Cumulative since the gateway's start. */
  arrivals: z.number().int(),
  answered: z.number().int(),
  /** 429 and 503 given by the gateway itself. */
  rejected: z.number().int(),
  /** 5xx from replicas, or broken connections. */
  failed: z.number().int(),
  retried: z.number().int(),
  releases: z.array(
    z.object({
      release: z.number().int(),
      requests: z.number().int(),
      errors: z.number().int(),
      /** Over the last report interval; null without a request in it. */
      latencyP50Ms: z.number().nullable(),
      latencyP99Ms: z.number().nullable(),
    }),
  ),
  replicas: z.array(z.object({ replicaId: z.string(), inFlight: z.number().int(), requests: z.number().int() })),
});
export type GatewayReport = z.infer<typeof gatewayReportSchema>;
