import { judgeCheckout } from '../judge/judge-checkout.ts';
import path from 'node:path';
import type { Contract, LoadedContract } from '../../core/contract/contract.ts';
import { effectiveRollout, effectiveScaling } from '../../core/contract/defaults.ts';
import { released } from '../../core/evaluation/measure/measurements.ts';
import { comparedWithAnother } from '../../core/evidence/kinds/evaluation/evaluation-evidence.ts';
import type { EvidenceState, LockedEnvironment, Waiver } from '../../core/evidence/lock/lock.ts';
import { renewCommand } from '../../core/evidence/renewal.ts';
import { goldenFile } from '../../core/rollout/names.ts';
import type { ReleasedGolden, ReleasedModel } from '../../core/rollout/release.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Project } from '../../ports/project/project.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { ReleaseRequest } from '../../schemas/http/operations.ts';
import { pinnedInStep, pinnedModel, storeCode } from '../subjects/released-subjects.ts';
import { readIfFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

/** The release that contract, lock and evidence speak of, with everything it needs stored as blobs. */
export async function makeReleaseRequest(
  context: Pick<ProvingPorts, 'blobs' | 'clock' | 'environment' | 'project' | 'signal' | 'store'>,
  waivers: readonly Waiver[],
): Promise<ReleaseRequest> {
  const project = await context.project();
  const environment = await context.environment();
  const loaded = await project.contract();
  const { locked } = await pinnedInStep(project, loaded, environment);
  const blobs = await context.blobs();
  const model = await pinnedModel(await context.store(), environment, locked.model);
  const { contract } = loaded;
  const { steps, keepPreviousMs, stickyBy, shadowShare, judge } = effectiveRollout(contract);
  const states = await judgeCheckout(project, environment, context.clock.nowMs());
  const evidence = await heldToPresent(await context.store(), loaded.contract, environment, locked, states);
  return {
    service: contract.service,
    environment,
    owner: contract.owner,
    code: await storeCode(project, loaded, locked.code, blobs, context.signal),
    model,
    golden: await goldenOf(project, loaded, locked, model, evidence, blobs, context.signal),
    evidence,
    waivers,
    replicas: effectiveScaling(contract).replicas,
    keepPreviousMs,
    startTimeoutMs: startTimeoutMs(contract),
    steps,
    canary: { ...(stickyBy === undefined ? {} : { stickyBy }), shadowShare, judge },
  };
}

/** Evidence is unknown where what it was compared with is not live any more, or not what the alias stands for. */
async function heldToPresent(
  store: StoreReader,
  contract: Contract,
  environment: string,
  { evidence, model }: LockedEnvironment,
  states: readonly EvidenceState[],
): Promise<readonly EvidenceState[]> {
  const measurements = evidence.evaluation?.measurements;
  if (measurements === undefined || model === undefined) return states;
  const present: Record<string, Digest | null> = {};
  for (const { noWorseThan: named } of contract.evaluation?.gates ?? []) {
    if (named === undefined || Object.hasOwn(present, named)) continue;
    const scope = { service: contract.service, environment, model: model.name };
    present[named] = await baselineDigest(store, scope, named);
  }
  const several = Object.keys(contract.environments).length > 1;
  const because = comparedWithAnother(measurements, contract, model.digest, present);
  if (because === null) return states;
  return states.map((state) =>
    state.kind === 'evaluation' && state.freshness === 'fresh' && state.verdict === 'pass'
      ? {
          ...state,
          verdict: 'unknown',
          reasons: [because],
          renew: renewCommand('evaluation', several ? environment : undefined),
        }
      : state,
  );
}

/** Of what a gate names: the live model, or the version that an alias stands for; null where there is none. */
async function baselineDigest(
  store: StoreReader,
  { service, environment, model }: { readonly service: string; readonly environment: string; readonly model: string },
  named: string,
): Promise<Digest | null> {
  if (named === released) {
    const live = (await store.deployment(service, environment))?.live ?? null;
    return live === null ? null : ((await store.release(service, environment, live))?.model.digest ?? null);
  }
  const version = (await store.aliases(environment, model))[named];
  return version === undefined ? null : ((await store.modelVersion(environment, model, version))?.digest ?? null);
}

/**
 * The recorded golden set of the pinned model. Stale evidence counts for nothing: it was recorded of something else.
 * A clone has the file and not the blob, so that the blob is made of the file, if it is the very bytes.
 */
async function goldenOf(
  project: Project,
  { contract }: LoadedContract,
  locked: LockedEnvironment,
  model: ReleasedModel,
  evidence: readonly EvidenceState[],
  blobs: Blobs,
  signal: AbortSignal,
): Promise<ReleasedGolden | null> {
  const dataName = contract.monitoring?.golden;
  const blob = locked.evidence.golden?.measurements['goldenBlob'];
  const isFresh = evidence.some((state) => state.kind === 'golden' && state.freshness === 'fresh');
  if (dataName === undefined || !isFresh || typeof blob !== 'string' || !isDigest(blob)) return null;
  if (!(await blobs.has(blob))) await restoreGolden(project, dataName, model.digest, blob, blobs, signal);
  return { dataName, blob };
}

/** @throws PlimsollError `blob-mismatch` when the file is not what was recorded. */
async function restoreGolden(
  project: Project,
  dataName: string,
  modelDigest: Digest,
  blob: Digest,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<void> {
  const file = goldenFile(dataName, modelDigest);
  const bytes = await readIfFile(path.join(project.folder, file));
  if (bytes === null) throw goldenGone(file, blob);
  await blobs.put(bytes, { expected: blob, signal });
}

function goldenGone(file: string, blob: Digest): PlimsollError {
  return new PlimsollError({
    code: 'golden-gone',
    category: 'not-found',
    message: `the lock speaks of golden outputs that are neither in ${file} nor in the blob store`,
    next: `bring ${file} back from git, or plimsoll golden record`,
    details: { file, blob },
  });
}

const leastStartTimeoutMs = 60_000;
const timesBudget = 3;

/** Where a budget is written, well beyond it; without one the rollout's own bound holds. */
export function startTimeoutMs({ coldStart }: Pick<Contract, 'coldStart'>): number | undefined {
  if (coldStart === undefined) return undefined;
  return Math.max(leastStartTimeoutMs, timesBudget * Math.max(0, ...Object.values(coldStart.budget)));
}
