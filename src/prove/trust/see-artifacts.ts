import type { BundledModel } from '../../core/bundle/bundle.ts';
import type { Contract } from '../../core/contract/contract.ts';
import type { PinnedCode } from '../../core/evidence/lock/lock.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import type { ArtifactKind } from '../../core/trust/artifacts/artifact-rule.ts';
import type { SeenArtifact, SeenArtifacts } from '../../core/trust/artifacts/judge-artifact.ts';
import type { TrustPolicy } from '../../core/trust/trust-policy.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { ArtifactSignatures, SignedManifest } from '../../ports/artifacts/artifact-signatures.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import { verifySignatures, type ArtifactVerifiers } from './verify-artifact.ts';

/** What is to run. */
export interface ReleasedArtifacts {
  readonly contract: Pick<Contract, 'code'>;
  readonly code: Pick<PinnedCode, 'facts'>;
  readonly model: Pick<BundledModel, 'name' | 'digest' | 'place'>;
}

export interface ArtifactPorts {
  /** Left out where nobody reads registries. */
  readonly signatures?: ArtifactSignatures | undefined;
  readonly sigstore?: OpenSigstore | undefined;
}

/** Both artifacts of a release come from registries that answer in seconds, or nobody knows who signed them. */
const lookMs = 60_000;

/**
 * Looks in the registries who signed the image and the model of a release, as far as a policy asks. Whatever goes wrong is
 * `problem` of that artifact.
 */
export async function seeArtifacts(
  policy: TrustPolicy | undefined,
  of: ReleasedArtifacts,
  ports: ArtifactPorts,
): Promise<SeenArtifacts> {
  const image = of.contract.code.image;
  const look = async (kind: ArtifactKind): Promise<SeenArtifact> => {
    if (policy?.artifactsFrom?.[kind] === undefined)
      return { problem: 'the policy began to ask for it while this release was judged' };
    try {
      const signal = AbortSignal.timeout(lookMs);
      const found = kind === 'image' ? await findImage(of, ports, signal) : await findModel(of, ports, signal);
      if ('problem' in found) return found;
      return { shown: found.shown, ...verifySignatures(found.manifests, verifiersOf(policy, ports)) };
    } catch (thrown) {
      if (thrown instanceof DOMException) return { problem: `its registry did not answer within ${lookMs / 1_000} s` };
      const error = asPlimsollError(thrown);
      if (error.category === 'bug') throw thrown;
      return { problem: error.message };
    }
  };
  return { ...(image === undefined ? {} : { image: await look('image') }), model: await look('model') };
}

function verifiersOf(policy: TrustPolicy, { sigstore }: ArtifactPorts): ArtifactVerifiers {
  const keys = policy.artifactKeys ?? [];
  const root = policy.sigstoreRoot;
  if (root === undefined) return { keys };
  const verify = sigstore?.(root) ?? { problem: 'PLIMSOLL_SIGSTORE_ROOT names no trust root' };
  return { keys, verifyBundle: typeof verify === 'function' ? verify : () => ({ why: verify.problem }) };
}

type Found = { readonly shown: string; readonly manifests: readonly SignedManifest[] } | { readonly problem: string };

const nobodyReads = { problem: 'nobody reads registries here' } as const;

async function findImage(
  { contract, code }: ReleasedArtifacts,
  { signatures }: ArtifactPorts,
  signal: AbortSignal,
): Promise<Found> {
  const reference = contract.code.image ?? '';
  if (code.facts === undefined) return { problem: `the lock does not say which image ${reference} stands for` };
  if (signatures === undefined) return nobodyReads;
  const manifests = await signatures.ofImage(reference, code.facts.digest, signal);
  return { shown: `${reference.replace(/@.*$/, '')}@${code.facts.digest}`, manifests };
}

async function findModel(
  { model: { name, digest, place } }: ReleasedArtifacts,
  { signatures }: ArtifactPorts,
  signal: AbortSignal,
): Promise<Found> {
  const elsewhere = { problem: `the lock names no OCI registry that model ${name} lies in` };
  if (place === null) return elsewhere;
  if (signatures === undefined) return nobodyReads;
  const found = await signatures.ofModel(place, signal);
  if (found === null) return elsewhere;
  if (artifactDigest(found.files) !== digest) return { problem: `at ${place} lies another model than the pinned one` };
  return { shown: place.slice('oci://'.length), manifests: found.manifests };
}
