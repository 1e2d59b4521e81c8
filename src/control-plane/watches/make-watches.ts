import type { Clock } from '../../ports/process/clock.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { CostSource } from './cost-source.ts';
import { CostWatch } from './cost-watch.ts';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import { LearnedWatch, type LearnedSource } from './learned-watch.ts';
import { HardwareWatch, type HardwareSource } from './hardware-watch.ts';
import { MixWatch, type MixSource } from './mix/mix-watch.ts';
import type { ObservedService } from '../../prove/diagnosis/observe.ts';
import type { LiveDiagnoses } from '../diagnosis/live-diagnoses.ts';
import { findPeerSource } from './peers/peer-source.ts';
import { PeerWatch } from './peers/peer-watch.ts';
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
  /** Tells of accelerators, where a Prometheus server is named. */
  readonly metricsSource: Pick<MetricsSource, 'readDevices'>;
  /** Left out where nobody looks at services while they serve. */
  readonly diagnoses?: LiveDiagnoses;
  /** As they were heard of last. */
  gateways(): ObservedService['gateways'];
}

/** The watches of a service. `starts` is the one that scaling asks for the distribution of starts. */
export function makeWatches(parts: WatchesParts): { readonly watches: readonly Watch[]; readonly starts: StartWatch } {
  const { hardware, starts: source, costs, evidence, learned, mixes, diagnoses, gateways, ...shared } = parts;
  const peers = findPeerSource(parts.metricsSource, parts.clock);
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
      ...(diagnoses === undefined ? [] : [diagnoses.watch(parts, gateways)]),
    ],
  };
}
