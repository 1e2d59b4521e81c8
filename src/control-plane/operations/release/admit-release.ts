import type { EvidenceState, Waiver } from '../../../core/evidence/lock/lock.ts';
import { hasNothingToDrill, isNeededWaiver, judgeRelease } from '../../../core/rollout/judge-release.ts';
import { pairDigest } from '../../../core/rollout/names.ts';
import { isProvenPair } from '../../../core/rollout/outcome.ts';
import type { Deployment, Release } from '../../../core/rollout/release.ts';
import type { AskedWaiver } from '../../../core/rollout/release-ask.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import type { ResolvedRelease } from '../../judging/resolve-release.ts';
import { findWaiverRefusal } from '../../../core/fleet/environment/waiver-policy.ts';
import { recordWaiver } from './bars-and-waivers.ts';
import { recordRelease } from './begin-release.ts';
import type { OperationsSource } from '../operations-source.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

/** What is to be released, judged by this control plane. */
export interface JudgedRelease extends ResolvedRelease {
  readonly evidence: readonly EvidenceState[];
  readonly waivers: readonly AskedWaiver[];
  readonly bundles?: Release['bundles'];
  /** The request that it came by. */
  readonly ask?: string;
  /** The release whose evidence it renews, where it is made of the same: then no number is made. */
  readonly renews?: Release | null;
  /** What the policy of the environment has against it, beside evidence and waivers. */
  readonly policyRefusals?: readonly Refusal[];
}

/** Distinct models that carried traffic in this environment. */
async function modelsThatServed(tx: StoreReader, service: string, environment: string): Promise<number> {
  const outcomes = await tx.releaseOutcomes(service, environment);
  const releases = await tx.releases(service, environment);
  const served = releases.filter(({ number }) => outcomes.get(number) === 'was-live');
  return new Set(served.map(({ model }) => model.digest)).size;
}

/** The release that traffic goes to now. */
export async function liveRelease(tx: StoreReader, deployment: Deployment | null): Promise<Release | null> {
  if (deployment === null || deployment.live === null) return null;
  return tx.release(deployment.service, deployment.environment, deployment.live);
}

/** Admits or refuses by bars, golden set, evidence, waivers and signature; then records a numbered release. */
export async function admitRelease(
  source: Pick<OperationsSource, 'by' | 'clock'>,
  tx: StoreWriter,
  judged: JudgedRelease,
): Promise<{ readonly release: Release } | { readonly refusals: readonly Refusal[] }> {
  const {
    service,
    environment,
    evidence,
    bundles,
    renews = null,
    waivers: askedWaivers,
    ask: _ask,
    policyRefusals: _refusals,
    ...resolved
  } = judged;
  const now = source.clock.nowMs();
  const asked = askedWaivers.map((waiver): Waiver => ({ ...waiver, by: source.by, atMs: now }));
  const record = await tx.environmentRecord(environment);
  const given = [...asked, ...(await tx.waivers(service, environment))];
  const waivers = inForce(given, now).filter((waiver) => findWaiverRefusal(record, environment, waiver) === null);
  const over = asked.filter(({ untilMs }) => untilMs <= now);
  const deployment = await tx.deployment(service, environment);
  const live = await liveRelease(tx, deployment);
  const served = await modelsThatServed(tx, service, environment);
  const refusals: readonly Refusal[] = [
    ...distinctMessages(asked.flatMap((waiver) => findWaiverRefusal(record, environment, waiver) ?? [])),
    ...(judged.policyRefusals ?? []),
    ...judgeRelease({ ...judged, waivers }, live, await tx.bars(service, environment), now, served),
  ];
  // What is refused records no waivers: nothing was released on them.
  if (refusals.length > 0) return { refusals: [...refusals, ...over.map(waiverIsOver)] };
  // A waiver of what passes would lie there until it fails, and then let it through unseen.
  for (const waiver of inForce(asked, now).filter((each) => isNeededWaiver(each, judged))) {
    await recordWaiver(tx, service, environment, waiver);
  }
  if (renews !== null) return { release: renews };
  const pair = pairDigest(judged.code, judged.model);
  const made: Omit<Release, 'number'> = {
    ...resolved,
    service,
    environment,
    pair,
    unprovenPair: !isProvenPair(
      pair,
      await tx.releases(service, environment),
      await tx.releaseOutcomes(service, environment),
    ),
    cause: { kind: 'release' },
    waivers: waivers.filter((waiver) => isNeededWaiver(waiver, judged)),
    createdAtMs: now,
    createdBy: source.by,
    ...(bundles === undefined ? {} : { bundles }),
  };
  const undrilled = evidence.some((state) => hasNothingToDrill(state, served));
  return { release: await recordRelease(tx, made, { undrilled }) };
}

const distinctMessages = (refusals: readonly Refusal[]): readonly Refusal[] => [
  ...new Map(refusals.map((refusal) => [refusal.message, refusal])).values(),
];

function inForce(waivers: readonly Waiver[], nowMs: number): readonly Waiver[] {
  return waivers.filter((waiver) => waiver.untilMs > nowMs);
}

const waiverIsOver = ({ kind, untilMs }: Waiver): Refusal => ({
  code: 'waiver-over',
  message: `the waiver of ${kind} was over on ${new Date(untilMs).toISOString()}`,
  next: 'give --until a date that is still to come',
});
