import { randomBytes } from 'node:crypto';
import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { bundledFiles, type Bundle } from '../../../core/bundle/bundle.ts';
import type { Contract } from '../../../core/contract/contract.ts';
import { effectiveRollout } from '../../../core/contract/defaults.ts';
import { canaryPolicyOf } from '../../../core/rollout/judge/canary-policy.ts';
import { aliasMove, type MovedAlias } from '../../../core/evidence/lock/alias-move.ts';
import type { EvidenceState } from '../../../core/evidence/lock/lock.ts';
import { judgeEnvironment } from '../../../core/proof/judge-environment.ts';
import type { Release, ReleasedModel } from '../../../core/rollout/release.ts';
import { makeRenewedEvent, type ReleaseAsk } from '../../../core/rollout/release-ask.ts';
import { digestOf, type Digest } from '../../../core/units/digest.ts';
import { asPlimsollError, type ErrorCategory, type PlimsollError } from '../../../core/units/errors.ts';
import { placeNotAllowed } from '../../../core/registry/allowed-registries.ts';
import type { SeenArtifacts } from '../../../core/trust/artifacts/judge-artifact.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import type { ReleaseAnswer, ReleaseRequest } from '../../../schemas/http/operations.ts';
import type { OpenedBundle } from '../../judging/bundle-shelf.ts';
import { requirePinned, type PinnedBundle } from '../../judging/check-bundle.ts';
import { allowedRegistries, readStatedTerms, refuseConflicts } from '../../judging/environment-terms.ts';
import type { StatedTerms } from '../../../core/fleet/environment/term-conflicts.ts';
import { requireOwnGolden } from '../../judging/check-golden.ts';
import { findModel, modelNowhere } from '../../judging/find-model.ts';
import { readFacts, seeNodes } from '../../judging/judging.ts';
import { resolveRelease } from '../../judging/resolve-release.ts';
import type { SeenNodes } from '../../judging/read-nodes.ts';
import { admitRelease, type Refusal } from './admit-release.ts';
import { seeArtifacts } from '../../../prove/trust/see-artifacts.ts';
import { presentJob } from '../../audit/origin.ts';
import { findPolicyRefusals } from '../../trust/approvals.ts';
import { receiveEvidence, receiveSignatures } from '../../trust/receive-evidence.ts';
import { registerStoredModel } from '../../bundles/register-model.ts';
import {
  claimReleased,
  findReleaseRefusal,
  requireClaimant,
  requireUse,
  type UsedArtifacts,
} from '../../ownership/claims.ts';
import { requireBlobs } from '../artifacts.ts';
import { recordRefusal, refuseAsk, requireOpenAsk, settleAsk, startFetching } from './ask-records.ts';
import { write, type OperationsSource } from '../operations-source.ts';
import { refused } from '../refusal.ts';

/** Errors that a bundle has wherever and whenever it is judged. */
const recordedCategories: ReadonlySet<ErrorCategory> = new Set([
  'input',
  'refused',
  'not-found',
  'corrupt',
  'conflict',
]);

/** A request that was just made, with a record of its own. */
export function makeAsk(source: OperationsSource, request: ReleaseRequest): ReleaseAsk {
  const nowMs = source.clock.nowMs();
  const { service, environment, bundle, waivers, again } = request;
  const job = presentJob();
  return {
    ...{ service, environment, bundle, waivers, again },
    id: randomBytes(8).toString('hex'),
    by: source.by,
    grants: source.grants,
    ...(job === undefined ? {} : { job }),
    atMs: nowMs,
    changedAtMs: nowMs,
    state: 'requested',
    reason: 'it was not looked at yet',
    release: null,
    progress: null,
  };
}

/**
 * Judges a bundle by what this control plane knows itself, and records a numbered release. Of the request itself nothing is
 * believed but what it asks for: verdicts are made of the bundle's files, the store, and the nodes.
 */
export async function release(source: OperationsSource, request: ReleaseRequest): Promise<ReleaseAnswer> {
  // Whoever may not release it leaves no trace in its records.
  await requireClaimant(source.store, source, request.environment);
  const ask = makeAsk(source, request);
  source.deciding.add(ask.id);
  try {
    // From here on the blobs of the bundle are kept, and a control plane that is killed leaves the request to the next one.
    await write(source, ask.environment, (tx) => tx.setReleaseAsk(ask));
    return await decideAsk(source, ask);
  } catch (thrown) {
    await giveUp(source, ask, asPlimsollError(thrown)).catch(() => undefined);
    throw thrown;
  } finally {
    source.deciding.delete(ask.id);
  }
}

/** Whoever asked was told that it failed: nothing is to come of it later. A request that was decided stays as it is. */
async function giveUp(source: OperationsSource, { id, environment }: ReleaseAsk, error: PlimsollError): Promise<void> {
  await write(source, environment, async (tx) => {
    const ask = await tx.releaseAsk(id);
    if (ask?.state !== 'requested') return;
    const reason = `it could not be decided: ${error.message}`;
    await tx.setReleaseAsk({ ...ask, state: 'cancelled', reason, changedAtMs: source.clock.nowMs() });
  });
}

/** As `release`, for a request that may have been recorded before. What it became is recorded in the transaction of that. */
export async function decideAsk(source: OperationsSource, ask: ReleaseAsk): Promise<ReleaseAnswer> {
  let prepared: Prepared | { readonly fetchFrom: string };
  try {
    prepared = await prepare(source, ask);
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    if (recordedCategories.has(error.category)) await recordRefusal(source, ask, error);
    throw error;
  }
  if ('fetchFrom' in prepared) return startFetching(source, ask, prepared.fetchFrom);
  const ready = prepared;
  const outcome = await write(source, ask.environment, (tx) => judgeClaimant(source, ask, ready, tx));
  if ('answer' in outcome) return outcome.answer;
  throw refused('the release', outcome.refusals, { evidence: outcome.evidence });
}

interface Prepared {
  readonly pinned: PinnedBundle;
  readonly model: ReleasedModel;
  readonly nodes: SeenNodes;
  readonly stated: StatedTerms;
  /** Who signed the image and the model, as far as the policy asks. */
  readonly artifacts: SeenArtifacts;
}

/** All that takes long or may be wrong about the bundle itself, before a transaction is begun. */
async function prepare(source: OperationsSource, ask: ReleaseAsk): Promise<Prepared | { readonly fetchFrom: string }> {
  const { store, judging, blobs, clock } = source;
  const opened = await judging.shelf.open(ask.bundle);
  const pinned = requirePinned(opened, ask, judging.nodes);
  const refusal = await findReleaseRefusal(store, source, usedBy(pinned));
  if (refusal !== null) throw refusal;
  await requireBlobs(source, ask.environment, opened.bundle.files, 'the bundle');
  await requireOwnGolden(blobs, pinned);
  requireJudgeable(opened.loaded.contract);
  const model = await requireModel(source, opened, ask.environment);
  if ('fetchFrom' in model) return model;
  const both = { contract: opened, evidence: opened };
  const nodes = await seeNodes(judging, both, ask.environment, clock.nowMs());
  const policy = (await store.environmentRecord(ask.environment))?.policy;
  const of = { contract: opened.loaded.contract, code: pinned.locked.code, model: opened.bundle.model };
  const artifacts = await seeArtifacts(policy, of, judging);
  return { pinned, model, nodes, stated: await readStatedTerms(opened, ask.environment, blobs), artifacts };
}

/** A step that could never be decided is refused before anything starts, and not by a turn. */
function requireJudgeable(contract: Contract): void {
  const { steps, judge } = effectiveRollout(contract);
  const { falseRollbacksShare, atLeastMs, withinMs, onInconclusive: _then, ...margins } = judge;
  canaryPolicyOf({ ...margins, steps, alphaShare: falseRollbacksShare, minMs: atLeastMs, timeLimitMs: withinMs });
}

/** The registered version of the bundle's model; one whose files are here is registered first. */
async function requireModel(
  source: OperationsSource,
  { bundle }: OpenedBundle,
  environment: string,
): Promise<ReleasedModel | { readonly fetchFrom: string }> {
  const { store, blobs, judging } = source;
  const found = await findModel(store, blobs, environment, bundle.model);
  if (found.kind === 'registered') return found.model;
  await requireUse(store, source, { environment, kind: 'model', name: bundle.model.name }, 'write');
  if (found.kind === 'stored') return registerStoredModel(source, environment, bundle.model, found.files);
  if (found.kind === 'nowhere') throw modelNowhere(environment, bundle.model);
  const refusal =
    judging.fetching === null
      ? 'nobody fetches models here'
      : judging.fetching.refusal(environment, found.place, await allowedRegistries(store, environment));
  if (refusal === null) return { fetchFrom: found.place };
  throw placeNotAllowed(found.place, refusal);
}

/**
 * Judges what whoever asks may release, and claims in the same transaction what nobody has claimed before. A release that is
 * refused claims nothing.
 */
async function judgeClaimant(
  source: OperationsSource,
  ask: ReleaseAsk,
  prepared: Prepared,
  tx: StoreWriter,
): Promise<Outcome> {
  const used = usedBy(prepared.pinned);
  await requireOpenAsk(tx, ask.id);
  const refusal = await findReleaseRefusal(tx, source, used);
  if (refusal !== null) {
    const { code, message, next = 'plimsoll history' } = refusal;
    const refusals = [{ code, message, next }];
    await refuseAsk(source, ask, tx, null, refusals);
    return { refusals, evidence: [] };
  }
  const outcome = await judgeAndRecord(source, ask, prepared, tx);
  if ('answer' in outcome) await claimReleased(tx, source, used);
  return outcome;
}

function usedBy({ opened: { loaded }, environment }: Pick<PinnedBundle, 'opened' | 'environment'>): UsedArtifacts {
  const { model, monitoring } = loaded.contract;
  return { environment, model: model.name, golden: monitoring?.golden ?? null };
}

type Outcome =
  | { readonly answer: ReleaseAnswer }
  | { readonly refusals: readonly Refusal[]; readonly evidence: readonly EvidenceState[] };

async function judgeAndRecord(
  source: OperationsSource,
  ask: ReleaseAsk,
  { pinned, model, nodes, stated, artifacts }: Prepared,
  tx: StoreWriter,
): Promise<Outcome> {
  const { opened, code, environment } = pinned;
  const { service } = ask;
  const nowMs = source.clock.nowMs();
  const contradicted = refuseConflicts(environment, await tx.environmentRecord(environment), stated);
  if (contradicted !== null) {
    await refuseAsk(source, ask, tx, null, [contradicted]);
    return { refusals: [contradicted], evidence: [] };
  }
  const moved = await movedAlias(tx, pinned);
  if (moved !== null) {
    const refusals = [
      { code: 'alias-moved', message: moved.message, next: nextStep(controlPlaneSteps, 'alias-moved/pin') },
    ];
    await refuseAsk(source, ask, tx, null, refusals);
    return { refusals, evidence: [] };
  }
  const standing = ask.again ? null : await standingRelease(source, tx, pinned);
  if (standing?.bundle === opened.digest) {
    const done = await settleAsk(source, tx, ask, {
      number: standing.release.number,
      reason: `release ${standing.release.number} is made of it`,
      atMs: nowMs,
    });
    return { answer: { outcome: 'live', release: standing.release, ask: done } };
  }
  const bundles = { contract: opened, evidence: opened, environment, code, model: model.digest };
  const sender = { service, environment, by: ask.by, job: ask.job, nowMs };
  await receiveEvidence(source, tx, { ...sender, locked: pinned.locked });
  const facts = await readFacts(source.judging, bundles, { reader: tx, nodes, nowMs });
  await receiveSignatures(tx, { ...sender, trust: facts.trust });
  const evidence = judgeEnvironment(facts);
  const policyRefusals = await findPolicyRefusals(tx, ask, source.judging.requiredPolicies, artifacts);
  const resolved = resolveRelease(opened, environment, code, model);
  const made = { contract: opened.digest, code: opened.digest, model: opened.digest, evidence: opened.digest };
  const candidate = {
    ...resolved,
    evidence,
    waivers: ask.waivers,
    policyRefusals,
    bundles: made,
    ask: ask.id,
    renews: standing?.release ?? null,
  };
  const admitted = await admitRelease(source, tx, candidate);
  if ('refusals' in admitted) {
    await refuseAsk(source, ask, tx, resolved, admitted.refusals);
    return { refusals: admitted.refusals, evidence };
  }
  const { release: numbered } = admitted;
  const { number } = numbered;
  if (standing !== null) {
    await tx.setReleaseEvidence(service, environment, number, opened.digest);
    const done = await settleAsk(source, tx, ask, {
      number,
      reason: `it renewed the evidence of release ${number}`,
      atMs: nowMs,
    });
    await tx.appendEvent(makeRenewedEvent(done, number));
    return { answer: { outcome: 'renewed', release: numbered, ask: done } };
  }
  const done = await settleAsk(source, tx, ask, { number, reason: `it is release ${number}`, atMs: nowMs });
  return { answer: { outcome: 'released', release: numbered, ask: done } };
}

/**
 * Whether the alias that the contract names stands for another model by now. One that this registry never had, as where
 * only a digest came here, tells nothing.
 */
async function movedAlias(tx: StoreReader, { locked, opened, environment }: PinnedBundle): Promise<MovedAlias | null> {
  const { contract } = opened.loaded;
  const { name, version: alias } = contract.model;
  const history = await tx.aliasHistory(environment, name);
  if (!history.some((move) => move.alias === alias)) return null;
  const number = (await tx.aliases(environment, name))[alias];
  const version = number === undefined ? null : await tx.modelVersion(environment, name, number);
  return aliasMove(locked.model, contract, version);
}

/**
 * The release that comes in, or else is live, when it is made of this bundle but for evidence; with the bundle that its
 * evidence is read from now. Null when it is another, was mixed by a rollback, or is older than bundles.
 */
async function standingRelease(
  { judging }: OperationsSource,
  tx: StoreReader,
  { opened: { bundle }, environment, code: pinnedCode }: PinnedBundle,
): Promise<{ readonly release: Release; readonly bundle: Digest } | null> {
  const deployment = await tx.deployment(bundle.service, environment);
  const number = deployment?.incoming ?? deployment?.live ?? null;
  const found = number === null ? null : await tx.release(bundle.service, environment, number);
  // The files are the same where an image is pinned to another digest.
  if (found?.bundles === undefined || found.code.digest !== pinnedCode) return null;
  const { contract, code, model, evidence } = found.bundles;
  if (contract !== code || contract !== model) return null;
  const before = await judging.shelf.open(contract).catch(() => null);
  if (before === null || contentOf(before.bundle) !== contentOf(bundle)) return null;
  const renewed = await tx.releaseEvidence(bundle.service, environment);
  return { release: found, bundle: renewed.get(found.number) ?? evidence };
}

/** Everything of a bundle but its evidence: pools and the lock are what was seen and measured. */
function contentOf(bundle: Bundle): Digest {
  const { service, environment, model } = bundle;
  const roles = ['contract', 'code', 'golden', 'metric', 'feature', 'prices'] as const;
  const files = roles.flatMap((role) => bundledFiles(bundle, role).map(({ path, digest }) => [role, path, digest]));
  return digestOf({ service, environment, files, model: [model.name, model.digest] });
}
