import { bundledFile, bundledFiles } from '../../core/bundle/bundle.ts';
import { withPinnedImage } from '../../core/contract/code-digest.ts';
import { answerLimitsOf } from '../../core/contract/objective/answer-limits.ts';
import { startTimeoutMs } from '../../core/contract/start-timeout.ts';
import { effectiveCapture, effectiveRollout, effectiveScaling } from '../../core/contract/defaults.ts';
import { shmSizeOf } from '../../core/hardware/rules/engines/shared-memory-rule.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { Release, ReleasedModel } from '../../core/rollout/release.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

/** What a release is to run, and how it is brought in: all of it from the bundle. */
export type ResolvedRelease = Pick<
  Release,
  | 'service'
  | 'environment'
  | 'owner'
  | 'code'
  | 'model'
  | 'golden'
  | 'replicas'
  | 'keepPreviousMs'
  | 'startTimeoutMs'
  | 'stuckAfterMs'
  | 'steps'
  | 'canary'
  | 'capture'
  | 'objective'
  | 'clients'
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
): ResolvedRelease {
  const { contract } = opened.loaded;
  const { steps, keepPreviousMs, stuckAfterMs, stickyBy, shadowShare, judge } = effectiveRollout(contract);
  const capture = effectiveCapture(contract);
  const objective = answerLimitsOf(contract.objective);
  const files = bundledFiles(opened.bundle, 'code').map(({ path, digest, bytes }) => ({ path, digest, bytes }));
  return {
    service: contract.service,
    environment,
    ...(contract.owner === undefined ? {} : { owner: contract.owner }),
    code: {
      digest: code,
      section: withPinnedImage(contract.code, opened.lock.environments[environment]?.code),
      files,
      ...devicesOf(contract),
      ...hostOf(opened, environment),
      ...placeOf(contract, environment),
    },
    model,
    golden: goldenOf(opened, environment, model.digest),
    replicas: replicasOf(contract, environment),
    keepPreviousMs,
    startTimeoutMs: startTimeoutMs(contract),
    ...(stuckAfterMs === undefined ? {} : { stuckAfterMs }),
    steps,
    canary: { ...(stickyBy === undefined ? {} : { stickyBy }), shadowShare, judge },
    ...(capture === null ? {} : { capture }),
    ...(objective === null ? {} : { objective }),
    ...(contract.gateway?.clients === undefined ? {} : { clients: contract.gateway.clients }),
  };
}

/** What every service tolerates is left out, so that a release is written as before. */
function devicesOf({ hardware }: Contract): Pick<Release['code'], 'devices' | 'sharing' | 'deviceMemoryBytes'> {
  if (hardware?.accelerator !== 'nvidia') return {};
  const { devices, sharing, memoryBytes } = hardware;
  return {
    devices,
    ...(sharing.length === 1 && sharing[0] === 'exclusive' ? {} : { sharing }),
    ...(memoryBytes === undefined ? {} : { deviceMemoryBytes: memoryBytes }),
  };
}

/** What the contract states of the node, and on a cluster the size of /dev/shm that the processes of a replica need. */
function hostOf({ loaded: { contract }, lock }: OpenedBundle, environment: string): Pick<Release['code'], 'host'> {
  const stated = contract.hardware?.host;
  const isInCluster = contract.environments[environment]?.platform === 'kubernetes';
  const facts = lock.environments[environment]?.code?.facts ?? null;
  const shmBytes = isInCluster ? shmSizeOf(contract.hardware, facts) : null;
  if (shmBytes === null) return stated === undefined ? {} : { host: stated };
  return { host: { ...stated, shmBytes } };
}

/** Which nodes of a cluster, and by which runtime of theirs. */
function placeOf(
  { environments, hardware }: Contract,
  environment: string,
): Pick<Release['code'], 'selector' | 'runtimeClass'> {
  const { selector = {}, runtimeClass } = environments[environment] ?? {};
  return {
    ...(Object.keys(selector).length === 0 ? {} : { selector }),
    ...(runtimeClass === undefined || hardware?.accelerator !== 'nvidia' ? {} : { runtimeClass }),
  };
}

/** Processes of one machine are set by Plimsoll alone, whatever the contract says of Kubernetes. */
function replicasOf(contract: Contract, environment: string): Release['replicas'] {
  const { replicas, actuator, sleep } = effectiveScaling(contract);
  const isInCluster = contract.environments[environment]?.platform === 'kubernetes';
  if (isInCluster && actuator !== 'plimsoll') return { ...replicas, actuator };
  return sleep === undefined ? replicas : { ...replicas, asleepAtMost: sleep.replicas };
}

/**
 * The golden outputs that were recorded of this model and of the inputs that are pinned. A replica replays them before it is
 * admitted also where a waiver let their evidence be stale, as by other code: what is waived is the proof, not the answers.
 */
function goldenOf({ loaded, bundle, lock }: OpenedBundle, environment: string, model: Digest): Release['golden'] {
  const dataName = loaded.contract.monitoring?.golden;
  const locked = lock.environments[environment];
  const golden = locked?.evidence.golden;
  const file = bundledFile(bundle, 'golden');
  if (dataName === undefined || golden === undefined || file === null) return null;
  const { subjects, measurements } = golden;
  const isOfThese = subjects['model'] === model && subjects['golden-set'] === locked?.data[dataName]?.digest;
  return isOfThese && measurements['goldenBlob'] === file.digest ? { dataName, blob: file.digest } : null;
}
