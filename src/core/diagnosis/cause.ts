/**
 * What can starve an accelerator, in the order in which a diagnosis asks. One word a cause, on the page, in JSON and in events.
 *
 * Source: docs/diagnosis.md, "The order of questions".
 */
export const causes = [
  'generator',
  'memory-bound',
  'throttled',
  'memory-repair',
  'under-loaded',
  'cpu-thread',
  'cpu-quota',
  'cpu-pressure',
  'pcie-link',
  'pcie-traffic',
  'numa',
  'peer-access',
  'storage',
  'page-cache',
  'memory-pressure',
  'network',
  'preprocessing',
  'batching',
  'queue',
  'upstream',
] as const;
export type Cause = (typeof causes)[number];

/** What can be changed for a moment, and changed back, to show a cause. */
export const experiments = [
  'pinned-generator',
  'synthetic-input',
  'preloaded-data',
  'other-cores',
  'lifted-quota',
  'warm-page-cache',
  'released-memory',
  'larger-batch',
  'smaller-batch-wait',
  'direct-to-replica',
  'stubbed-upstream',
  'second-copy-stream',
] as const;
export type Experiment = (typeof experiments)[number];

/** A cause that the readings point at. It is named only once an experiment shows it. */
export interface Suspicion {
  readonly cause: Cause;
  /** 0 to 1: how far the readings are beyond the line where the cause is suspected. Orders suspicions, and promises nothing. */
  readonly strength: number;
  /** One sentence with the numbers read. */
  readonly reason: string;
  /** What would show it; null where nothing on this node can. */
  readonly experiment: Experiment | null;
}
