import type { PaceBounds } from './admission/body-pace.ts';

/** All bounds of a gateway. Nothing in it grows without one of these. */
export interface GatewaySettings {
  readonly gatewayId: string;
  readonly service: string;
  readonly environment: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Requests that may wait for a replica; the next one is answered 429. */
  readonly queueLimit: number;
  /** Requests in flight on one replica; more of them wait in the queue, where the scaling signal sees them. */
  readonly replicaConcurrency: number;
  /** Until the head of the answer, for requests that do not say `plimsoll-deadline-ms`. */
  readonly deadlineMs: number;
  /** The longest deadline that a request may ask for. */
  readonly maxDeadlineMs: number;
  readonly maxBodyBytes: number;
  /** Bodies up to this size are held whole, so that another replica can be tried. */
  readonly bufferedBodyBytes: number;
  /** All held bodies together; beyond it bodies stream through, and are not tried twice. */
  readonly bufferedTotalBytes: number;
  /** A request body that comes more slowly is given up. */
  readonly bodyPace: PaceBounds;
  /** So is one that has a replica, while other requests wait for one. */
  readonly busyBodyPace: PaceBounds;
  /** So much of a body that is not held has come before a replica is looked for. */
  readonly bodyProofBytes: number;
  /** An answer that stands still for this long, on either side, is given up. */
  readonly answerProgressMs: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
  readonly maxConnections: number;
  /** How long a connection whose request was refused may go on sending the body that nobody reads. */
  readonly lingerMs: number;
  /** How often a request may reach a replica: a request that kills its replica must not meet all of them. */
  readonly maxSends: number;
  /** How long a sticky request waits for a free replica of its own split before another split may answer it. */
  readonly stickyWaitMs: number;
  readonly drainTimeoutMs: number;
  /** How long a connection that was kept alive stays open in a drain, for a request that its client is about to send. */
  readonly drainIdleMs: number;
  readonly reportIntervalMs: number;
}

/** Those that do not depend on the service. */
export type FrontSettings = Omit<GatewaySettings, 'service' | 'environment'>;

export const gatewayDefaults = {
  queueLimit: 1000,
  replicaConcurrency: 128,
  deadlineMs: 30_000,
  maxDeadlineMs: 3_600_000,
  maxBodyBytes: 64 * 1024 * 1024,
  bufferedBodyBytes: 1024 * 1024,
  bufferedTotalBytes: 32 * 1024 * 1024,
  bodyPace: { windowMs: 10_000, leastBytes: 10 * 1024 },
  busyBodyPace: { windowMs: 1000, leastBytes: 32 * 1024 },
  bodyProofBytes: 32 * 1024,
  answerProgressMs: 60_000,
  headersTimeoutMs: 10_000,
  keepAliveMs: 65_000,
  connectTimeoutMs: 2000,
  maxConnections: 10_000,
  lingerMs: 2000,
  maxSends: 2,
  stickyWaitMs: 500,
  drainTimeoutMs: 20_000,
  drainIdleMs: 2000,
  reportIntervalMs: 1000,
} as const satisfies Partial<GatewaySettings>;
