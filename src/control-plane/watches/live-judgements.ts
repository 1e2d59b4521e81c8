import { promisesOf } from '../../core/contract/promises.ts';
import { answerReadiness } from '../../core/readiness/answers.ts';
import { noScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Store } from '../../ports/records/store.ts';
import type { Judging } from '../judging/judging.ts';
import { judgeProof, type ReadProof } from '../judging/release-proof.ts';
import { readBundledPrices, scalingFactsOf } from '../scaling/scaling-facts.ts';
import type { Judgements, JudgementSource } from './judgements.ts';

export interface LiveJudgementParts {
  readonly judging: Judging;
  readonly store: Store;
  readonly clock: Clock;
  readonly proof: ReadProof;
  /** Told of prices that cannot be read. */
  readonly unpriced: (thrown: unknown) => void;
}

/** Judges the release that is shown by its own bundles, the store, and the nodes. */
export function makeLiveJudgements({ judging, store, clock, proof, unpriced }: LiveJudgementParts): JudgementSource {
  return {
    async judge(): Promise<Judgements> {
      const found = await proof();
      const evidence = await judgeProof(judging, store, clock, found);
      const release = found?.release.number ?? null;
      if (found === null || 'unknown' in found) {
        return { owner: null, release, evidence, readiness: [], scaling: noScalingFacts, promises: null };
      }
      const { loaded, locked, contract: from } = found;
      const { contract } = loaded;
      const record = await store.environmentRecord(found.release.environment);
      const prices = record?.prices ?? (await readBundledPrices(from, judging.blobs, unpriced));
      return {
        owner: contract.owner ?? null,
        release,
        evidence,
        readiness: answerReadiness(contract, evidence),
        scaling: scalingFactsOf(contract, locked, evidence, prices),
        promises: promisesOf(contract),
      };
    },
  };
}
