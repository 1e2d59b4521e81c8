import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { CostSource } from './cost-source.ts';
import { CostWatch } from './cost-watch.ts';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import { LearnedWatch, type LearnedSource } from './learned-watch.ts';
import { HardwareWatch, type HardwareSource } from './hardware-watch.ts';
import { MixWatch, type MixSource } from './mix/mix-watch.ts';
import { PeerWatch, type PeerSource } from './peers/peer-watch.ts';
import { StartWatch, type StartSource } from './start-watch.ts';
import type { Watch } from './watch.ts';

export interface WatchesParts {
  readonly service: string;
  readonly environment: string;
  readonly store: StoreReader;
  readonly clock: Clock;
  /** Null where replicas land on other machines than this one: then the platform tells of its nodes. */
  readonly hardware: HardwareSource | null;
  readonly starts: StartSource;
  readonly evidence: LearnedSource;
  /** Null where nobody reads the ledger of the fleet. */
  readonly costs: CostSource | null;
  /** Of the last decision of scaling. */
  learned(): LearnedEvidence | null;
  /** Left out where nobody reads the mix of the evidence. */
  readonly mixes?: MixSource;
  /** Left out where nobody tells of accelerators. */
  readonly peers?: PeerSource;
}

/** The watches of a service. `starts` is the one that scaling asks for the distribution of starts. */
export function makeWatches(parts: WatchesParts): { readonly watches: readonly Watch[]; readonly starts: StartWatch } {
  const { hardware, starts: source, costs, evidence, learned, mixes, peers, ...shared } = parts;
  const starts = new StartWatch({ ...shared, source });
  return {
    starts,
    watches: [
      ...(hardware === null ? [] : [new HardwareWatch({ ...shared, source: hardware })]),
      starts,
      new LearnedWatch({ ...shared, source: evidence, learned }),
      ...(costs === null ? [] : [new CostWatch({ ...shared, source: costs })]),
      ...(mixes === undefined ? [] : [new MixWatch({ ...shared, source: mixes })]),
      ...(peers === undefined ? [] : [new PeerWatch({ ...shared, source: peers })]),
    ],
  };
}
