import { bundledFile, bundledFiles } from '../../core/bundle/bundle.ts';
import { startTimeoutMs } from '../../core/contract/start-timeout.ts';
import { effectiveRollout, effectiveScaling } from '../../core/contract/defaults.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { Release, ReleasedModel } from '../../core/rollout/release.ts';
import type { Digest } from '../../core/units/digest.ts';
import { lockedIn } from './environment-facts.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

/** What a release is to run, and how it is brought in: all of it from the bundle. */
export type ResolvedRelease = Pick<
  Release,
  | 'service'
  | 'environment'
  | 'code'
  | 'model'
  | 'golden'
  | 'replicas'
  | 'keepPreviousMs'
  | 'startTimeoutMs'
  | 'steps'
  | 'canary'
>;

/**
 * The start specification of a bundle.
 * @param code digest of its code axis
 */
export function resolveRelease(
  opened: OpenedBundle,
  environment: string,
  code: Digest,
  model: ReleasedModel,
  evidence: readonly EvidenceState[],
): ResolvedRelease {
  const { contract } = opened.loaded;
  const { steps, keepPreviousMs, stickyBy, shadowShare, judge } = effectiveRollout(contract);
  const files = bundledFiles(opened.bundle, 'code').map(({ path, digest, bytes }) => ({ path, digest, bytes }));
  return {
    service: contract.service,
    environment,
    code: { digest: code, section: contract.code, files },
    model,
    golden: goldenOf(opened, environment, evidence),
    replicas: effectiveScaling(contract).replicas,
    keepPreviousMs,
    startTimeoutMs: startTimeoutMs(contract),
    steps,
    canary: { ...(stickyBy === undefined ? {} : { stickyBy }), shadowShare, judge },
  };
}

/** The golden outputs of the pinned model. Stale evidence counts for nothing: it was recorded of something else. */
function goldenOf(opened: OpenedBundle, environment: string, evidence: readonly EvidenceState[]): Release['golden'] {
  const dataName = opened.loaded.contract.monitoring?.golden;
  const blob = lockedIn(opened, environment)?.evidence.golden?.measurements['goldenBlob'];
  const file = bundledFile(opened.bundle, 'golden');
  const isFresh = evidence.some(({ kind, freshness }) => kind === 'golden' && freshness === 'fresh');
  if (dataName === undefined || !isFresh || file === null || file.digest !== blob) return null;
  return { dataName, blob: file.digest };
}
