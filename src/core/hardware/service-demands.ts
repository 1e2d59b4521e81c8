import type { Contract } from '../contract/contract.ts';
import type { LockedEnvironment } from '../evidence/lock/lock.ts';
import type { ImageFacts } from '../image/image-facts.ts';
import { hardwareVariables } from '../image/image-variables.ts';
import type { ServiceDemands } from './compatibility.ts';
import { shmSizeOf } from './rules/engines/shared-memory-rule.ts';
import type { ModelHardwareFacts } from './model/model-facts.ts';

/**
 * What one service asks for in one environment, and what the lock pins of it.
 *
 * | answer | meaning |
 * |---|---|
 * | `known` | it can be judged |
 * | `not-asked` | the contract does not write `hardware` |
 * | `not-pinned` | an image that was never inspected: judged as it stands, it would pass for one without device code |
 */
export type DemandsReading =
  | { readonly kind: 'known'; readonly demands: ServiceDemands }
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'not-pinned'; readonly reason: string };

export function readDemands(
  contract: Contract,
  environment: string,
  locked: LockedEnvironment | undefined,
): DemandsReading {
  if (contract.hardware === undefined) return { kind: 'not-asked' };
  if (locked === undefined) return { kind: 'not-pinned', reason: `the lock does not pin ${environment}` };
  const { image } = contract.code;
  if (image !== undefined && locked.code?.facts === undefined) {
    return { kind: 'not-pinned', reason: `the lock does not say what is inside ${image}` };
  }
  return { kind: 'known', demands: demandsOf(contract, environment, locked) };
}

/** As `readDemands`, for whoever has seen to it that the contract writes `hardware` and that its image was inspected. */
export function demandsOf(contract: Contract, environment: string, locked: LockedEnvironment): ServiceDemands {
  const { service, hardware } = contract;
  if (hardware === undefined) throw new RangeError(`the contract of ${service} does not write hardware`);
  const { context, concurrency } = contract.model;
  const { selector = {}, runtimeClass } = contract.environments[environment] ?? {};
  const stated = context !== undefined || concurrency !== undefined;
  return {
    service,
    environment,
    hardware,
    image: imageOf(contract, locked),
    model: modelOf(contract, locked),
    ...(stated ? { load: { contextTokens: context ?? null, sequences: concurrency ?? 1 } } : {}),
    ...(contract.code.args.length === 0 ? {} : { args: contract.code.args }),
    ...mountedShm(contract, environment, locked),
    runtime: locked.runtime,
    selector,
    ...(runtimeClass === undefined ? {} : { runtimeClass }),
  };
}

/** Variables of the contract stand in the place of those of the image, as they do in a replica. */
function imageOf({ code: { env } }: Contract, locked: LockedEnvironment): ImageFacts | null {
  const facts = locked.code?.facts ?? null;
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return facts === null ? null : { ...facts, env: { ...facts.env, ...hardwareVariables(lines).kept } };
}

/** What Kubernetes mounts at /dev/shm counts as memory of the replica: where that is limited, there is no more than the limit. */
function mountedShm(
  { hardware, environments }: Contract,
  environment: string,
  locked: LockedEnvironment,
): Pick<ServiceDemands, 'mountedShmBytes'> {
  if (environments[environment]?.platform !== 'kubernetes') return {};
  const bytes = shmSizeOf(hardware, locked.code?.facts ?? null);
  return bytes === null ? {} : { mountedShmBytes: Math.min(bytes, hardware?.host?.memoryBytes ?? bytes) };
}

/** What the contract states of the precision stands in the place of what the file tells. */
function modelOf({ model: { precision } }: Contract, locked: LockedEnvironment): ModelHardwareFacts | null {
  const facts = locked.model?.facts ?? null;
  return facts === null || precision === undefined ? facts : { ...facts, precisions: [precision] };
}
