import type { Contract } from './contract.ts';

/** What a contract promises that people are shown, and that a running service is held to. */
export interface Promises {
  /** Share of the requests that are answered; null where nothing is promised. */
  readonly availabilityShare: number | null;
  /** Of whole answers, queueing included. The time between tokens is not among them. */
  readonly latency: readonly QuantilePromise[];
  /** Of the first token of a streamed answer, queueing included; absent where nothing is promised of it. */
  readonly ttft?: readonly QuantilePromise[];
  /** Of the whole start of a replica. */
  readonly starts: readonly QuantilePromise[];
}

export interface QuantilePromise {
  /** `p99` */
  readonly quantile: string;
  readonly share: number;
  readonly limitMs: number;
}

export function promisesOf({ objective, coldStart }: Pick<Contract, 'objective' | 'coldStart'>): Promises {
  return {
    availabilityShare: objective?.availabilityShare ?? null,
    latency: quantilePromises(objective?.latency),
    ...(objective?.ttft === undefined ? {} : { ttft: quantilePromises(objective.ttft) }),
    starts: quantilePromises(coldStart?.budget),
  };
}

const quantilePromises = (budget: Readonly<Record<string, number>> = {}): readonly QuantilePromise[] =>
  Object.entries(budget).map(([quantile, limitMs]) => ({
    quantile,
    share: Number(`${quantile.slice(1)}e-2`),
    limitMs,
  }));
