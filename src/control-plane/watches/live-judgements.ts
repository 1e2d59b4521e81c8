import { promisesOf } from '../../core/contract/promises.ts';
import { driftStatus, judgeMonitoring } from '../../core/monitoring/watch/drift-status.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import { replayTermsOf } from '../../core/monitoring/replay/replay-terms.ts';
import type { EnvironmentFacts } from '../../core/proof/judge-environment.ts';
import { answerReadiness } from '../../core/readiness/answers.ts';
import { noScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Store } from '../../ports/records/store.ts';
import type { Judging } from '../judging/judging.ts';
import { judgeProof, type ReadProof, type ReleaseProof, type UnknownProof } from '../judging/release-proof.ts';
import { readFleetShare, type ReadServices } from '../judging/fleet-share.ts';
import { readMonitoringTerms } from '../judging/read-monitoring-terms.ts';
import { placeOf } from '../golden/place-of.ts';
import { readLabelPlan } from '../labels/label-plan-of.ts';
import { readPricesNow, scalingFactsOf } from '../scaling/scaling-facts.ts';
import type { Judgements, JudgementSource } from './judgements.ts';

export interface LiveJudgementParts {
  readonly judging: Judging;
  readonly store: Store;
  readonly clock: Clock;
  readonly proof: ReadProof;
  /** Who shares the false alarms of an environment. */
  readonly services: ReadServices;
  /** Told of prices that cannot be read. */
  readonly unpriced: (thrown: unknown) => void;
}

/** Judges the release that is shown by its own bundles, the store, and the nodes. */
export function makeLiveJudgements(parts: LiveJudgementParts): JudgementSource {
  const { judging, store, clock, proof, unpriced } = parts;
  return {
    async judge(): Promise<Judgements> {
      const found = await proof();
      const release = found?.release.number ?? null;
      const monitoring = found === null || 'unknown' in found ? undefined : await termsOf(parts, found);
      const live = await judgeLive(store, clock, found, monitoring ?? null);
      const evidence = await judgeProof(judging, store, clock, found, live);
      if (found === null || 'unknown' in found) {
        return { owner: null, release, evidence, readiness: [], scaling: noScalingFacts, promises: null, monitoring };
      }
      const { loaded, locked, contract: from } = found;
      const { contract } = loaded;
      const { environment } = found.release;
      const record = await store.environmentRecord(environment);
      const priced = { opened: from, environment, record };
      const prices = await readPricesNow(priced, judging.blobs, clock.nowMs(), unpriced);
      return {
        owner: contract.owner ?? null,
        release,
        evidence,
        readiness: answerReadiness(contract, evidence),
        scaling: scalingFactsOf(contract, locked, evidence, prices),
        promises: promisesOf(contract),
        monitoring,
        labels: await readLabelPlan(store, found),
        replay: replayTermsOf(contract, found.release.number, await placeOf(judging, found, clock.nowMs())),
      };
    },
  };
}

async function termsOf(
  { judging: { blobs }, store, services }: LiveJudgementParts,
  found: ReleaseProof,
): Promise<MonitoringTerms | null> {
  return readMonitoringTerms(blobs, found, await readFleetShare(store, found.release, services));
}

/** What the watch of live answers says of the release that is shown. */
async function judgeLive(
  store: Store,
  clock: Clock,
  found: ReleaseProof | UnknownProof | null,
  terms: MonitoringTerms | null,
): Promise<EnvironmentFacts['live']> {
  if (found === null || terms === null) return undefined;
  const record = await store.driftRecord(found.release.service, found.release.environment);
  const status = record === null ? null : driftStatus(record.state, terms);
  const lastRowAtMs = status?.lastRowAtMs ?? null;
  const measured = lastRowAtMs === null ? {} : { measuredAtMs: lastRowAtMs };
  return { monitoring: { ...judgeMonitoring(status, clock.nowMs()), ...measured, next: 'plimsoll drift' } };
}
