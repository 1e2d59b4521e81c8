import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { promisesOf } from '../../core/contract/promises.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';
import { driftStatus, judgeMonitoring } from '../../core/monitoring/watch/drift-status.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import { replayTermsOf } from '../../core/monitoring/replay/replay-terms.ts';
import type { EnvironmentFacts, LiveJudgement } from '../../core/proof/judge-environment.ts';
import { answerReadiness } from '../../core/readiness/answers.ts';
import { noScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Store } from '../../ports/records/store.ts';
import type { Judging } from '../judging/judging.ts';
import { judgeProof, type ReadProof, type ReleaseProof, type UnknownProof } from '../judging/release-proof.ts';
import { readFleetShare, type ReadServices } from '../judging/fleet-share.ts';
import { readMonitoringTerms } from '../judging/read-monitoring-terms.ts';
import type { ServiceAccounts } from '../ledger/accounts/service-accounts.ts';
import { placeOf } from '../golden/place-of.ts';
import { readLabelPlan } from '../labels/label-plan-of.ts';
import { readPricesNow, scalingFactsOf } from '../scaling/scaling-facts.ts';
import { judgeLiveCost } from './cost-source.ts';
import type { Judgements, JudgementSource, MeasuredDigests } from './judgements.ts';

export interface LiveJudgementParts {
  readonly judging: Judging;
  readonly store: Store;
  readonly clock: Clock;
  readonly proof: ReadProof;
  /** What services held, as it was read last. */
  readonly accounts: Pick<ServiceAccounts, 'find'>;
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
      const live = await judgeLive(parts, found, monitoring ?? null);
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
        measured: measuredDigests(locked),
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

function measuredDigests(locked: LockedEnvironment | null): MeasuredDigests {
  const measured = Object.values(locked?.evidence ?? {});
  return Object.fromEntries(measured.map((evidence) => [evidence.kind, digestOfMeasured(evidence)]));
}

async function termsOf(
  { judging: { blobs }, store, services }: LiveJudgementParts,
  found: ReleaseProof,
): Promise<MonitoringTerms | null> {
  return readMonitoringTerms(blobs, found, await readFleetShare(store, found.release, services));
}

/** What is judged of the release that is shown while it is live. */
async function judgeLive(
  { store, clock, accounts }: LiveJudgementParts,
  found: ReleaseProof | UnknownProof | null,
  terms: MonitoringTerms | null,
): Promise<EnvironmentFacts['live']> {
  if (found === null || 'unknown' in found) return undefined;
  const nowMs = clock.nowMs();
  const cost = judgeLiveCost(accounts, found, nowMs);
  const monitoring = terms === null ? undefined : await judgeLiveAnswers(store, found, terms, nowMs);
  return { ...(cost === undefined ? {} : { cost }), ...(monitoring === undefined ? {} : { monitoring }) };
}

async function judgeLiveAnswers(
  store: Store,
  { release: { service, environment } }: ReleaseProof,
  terms: MonitoringTerms,
  nowMs: number,
): Promise<LiveJudgement> {
  const record = await store.driftRecord(service, environment);
  const status = record === null ? null : driftStatus(record.state, terms);
  const lastRowAtMs = status?.lastRowAtMs ?? null;
  const measured = lastRowAtMs === null ? {} : { measuredAtMs: lastRowAtMs };
  return { ...judgeMonitoring(status, nowMs), ...measured, next: nextStep(controlPlaneSteps, 'monitoring') };
}
