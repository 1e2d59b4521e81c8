import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { Waiver } from '../../core/evidence/lock/lock.ts';
import { canaryPolicyOf } from '../../core/rollout/judge/canary-policy.ts';
import { hasNothingToDrill, judgeRelease } from '../../core/rollout/judge-release.ts';
import { pairDigest } from '../../core/rollout/names.ts';
import { isProvenPair } from '../../core/rollout/outcome.ts';
import type { Deployment, Release } from '../../core/rollout/release.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import type { ReleaseRequest } from '../../schemas/http/operations.ts';
import { requireBlobs } from './artifacts.ts';
import { recordWaiver } from './bars-and-waivers.ts';
import { recordRelease } from './begin-release.ts';
import { readGoldenSet } from '../turn/golden-set.ts';
import { makeReleaseRefusedEvent } from './operation-events.ts';
import { write, type OperationsSource } from './operations-source.ts';
import { refused } from './refusal.ts';

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

/** Admits or refuses by bars, golden set, evidence and signature; then records a numbered release. */
export async function release(source: OperationsSource, request: ReleaseRequest): Promise<Release> {
  await requireBlobs(source.blobs, request.code.files, 'the code');
  await requireBlobs(source.blobs, request.model.files, `model ${request.model.name}`);
  await requireGolden(source, request);
  requireJudgeable(request);
  const outcome = await write(source, request.environment, (tx) => judgeAndRecord(source, request, tx));
  if ('release' in outcome) return outcome.release;
  throw refused('the release', outcome.refusals);
}

/** A step that could never be decided is refused before anything starts, and not by a turn. */
function requireJudgeable({ steps, canary }: ReleaseRequest): void {
  if (canary === undefined) return;
  const { falseRollbacksShare, atLeastMs, withinMs, onInconclusive: _then, ...margins } = canary.judge;
  canaryPolicyOf({ ...margins, steps, alphaShare: falseRollbacksShare, minMs: atLeastMs, timeLimitMs: withinMs });
}

async function requireGolden(source: OperationsSource, request: ReleaseRequest): Promise<void> {
  if (request.golden === null) return;
  const golden = await readGoldenSet(source.blobs, request.golden.blob);
  if (golden.modelDigest === request.model.digest) return;
  throw new PlimsollError({
    code: 'golden-of-another-model',
    category: 'refused',
    message: `the golden set ${shortDigest(request.golden.blob)} was recorded for model ${shortDigest(golden.modelDigest)}, and ${shortDigest(request.model.digest)} is being released`,
    next: 'plimsoll golden record',
    details: { golden: golden.modelDigest, model: request.model.digest },
  });
}

type Outcome = { readonly release: Release } | { readonly refusals: ReturnType<typeof judgeRelease> };

async function judgeAndRecord(source: OperationsSource, request: ReleaseRequest, tx: StoreWriter): Promise<Outcome> {
  const { service, environment } = request;
  const now = source.clock.nowMs();
  const asked = request.waivers.map((waiver) => ({ ...waiver, by: source.by, atMs: now }));
  const waivers = inForce([...asked, ...(await tx.waivers(service, environment))], now);
  const deployment = await tx.deployment(service, environment);
  const live = await liveRelease(tx, deployment);
  const served = await modelsThatServed(tx, service, environment);
  const refusals = judgeRelease({ ...request, waivers }, live, await tx.bars(service, environment), now, served);
  if (refusals.length > 0) {
    // The refusal is recorded, and so are no waivers: nothing was released on them.
    const event = makeReleaseRefusedEvent(request, refusals);
    await tx.appendEvent({ service, environment, by: source.by, atMs: now, ...event });
    return { refusals };
  }
  const undrilled = request.evidence.some((state) => hasNothingToDrill(state, served));
  // A waiver of what passes would lie there until it fails, and then let it through unseen.
  for (const waiver of asked.filter((each) => isNeeded(each, request))) {
    await recordWaiver(tx, service, environment, waiver);
  }
  const pair = pairDigest(request.code, request.model);
  const made: Omit<Release, 'number'> = {
    service,
    environment,
    code: request.code,
    model: request.model,
    golden: request.golden,
    pair,
    unprovenPair: !isProvenPair(
      pair,
      await tx.releases(service, environment),
      await tx.releaseOutcomes(service, environment),
    ),
    replicas: request.replicas,
    keepPreviousMs: request.keepPreviousMs,
    startTimeoutMs: request.startTimeoutMs,
    steps: request.steps,
    ...(request.canary === undefined ? {} : { canary: request.canary }),
    cause: { kind: 'release' },
    waivers: waivers.filter((waiver) => isNeeded(waiver, request)),
    createdAtMs: now,
    createdBy: source.by,
  };
  return { release: await recordRelease(tx, made, { undrilled }) };
}

function inForce(waivers: readonly Waiver[], nowMs: number): readonly Waiver[] {
  return waivers.filter((waiver) => waiver.untilMs > nowMs);
}

/** A waiver belongs to a release when the release would have been refused without it. */
function isNeeded(waiver: Waiver, request: ReleaseRequest): boolean {
  if (waiver.kind === 'golden' && request.golden === null) return true;
  const state = request.evidence.find((candidate) => candidate.kind === waiver.kind);
  return (
    state !== undefined && state.freshness !== 'not-asked' && !(state.freshness === 'fresh' && state.verdict === 'pass')
  );
}
