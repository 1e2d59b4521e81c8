import type { LoadedContract } from '../../core/contract/contract.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { findArtifactRefusals } from '../../core/trust/artifacts/judge-artifact.ts';
import type { TrustPolicy } from '../../core/trust/trust-policy.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { seeArtifacts, type ArtifactPorts } from './see-artifacts.ts';

/**
 * Looks in the registries who signed the image and the model that a lock pins, as a release does.
 * @throws PlimsollError `artifact-not-signed` (refused), `artifact-unknown` (unavailable) where nobody can tell.
 */
export async function requireSigned(
  policy: TrustPolicy,
  { loaded, locked }: { readonly loaded: LoadedContract; readonly locked: Pick<LockedEnvironment, 'code' | 'model'> },
  ports: ArtifactPorts,
): Promise<void> {
  if (policy.artifactsFrom === undefined) return;
  const { code, model } = locked;
  if (model === undefined) return;
  const { name, digest, source = null } = model;
  const of = { contract: loaded.contract, code: code ?? {}, model: { name, digest, place: source } };
  const [refusal, ...others] = findArtifactRefusals(policy, await seeArtifacts(policy, of, ports));
  if (refusal === undefined) return;
  const { code: named, message, next } = refusal;
  throw new PlimsollError({
    code: named,
    category: named === 'artifact-unknown' ? 'unavailable' : 'refused',
    message: [message, ...others.map((other) => other.message)].join('; '),
    next,
  });
}
