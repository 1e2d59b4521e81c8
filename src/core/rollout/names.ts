import { digestOf, shortDigest, type Digest } from '../units/digest.ts';
import type { ReleasedCode, ReleasedModel } from './release.ts';

/** Longest name that leaves room for a suffix in a Kubernetes label value (63). */
const setNameMax = 52;

/**
 * What a replica is bound to. The section is part of it: another argument or variable makes another replica, also where
 * the files of the code are the same.
 */
export function pairDigest(
  code: Pick<ReleasedCode, 'digest' | 'section'>,
  model: Pick<ReleasedModel, 'digest'>,
): Digest {
  return digestOf({ code: code.digest, section: code.section, model: model.digest });
}

/** Key of a replica set, unique in its owner. Too long a prefix is cut and told apart by its own digest. */
export function replicaSetName(service: string, environment: string, pair: Digest): string {
  const prefix = `${service}-${environment}`;
  const room = setNameMax - 13;
  const kept =
    prefix.length <= room
      ? prefix
      : `${prefix.slice(0, room - 7).replace(/-+$/, '')}-${shortDigest(digestOf(prefix)).slice(0, 6)}`;
  return `${kept}-${shortDigest(pair)}`;
}

/** The one writer of a store holds this lease. */
export const controlPlaneLease = 'control-plane';

/** The one who removes blobs that nothing names holds this lease. */
export const blobsLease = 'blobs';

/** Path of a golden set, relative to the contract's folder. */
export function goldenFile(dataName: string, modelDigest: Digest): string {
  return `golden/${dataName}-${shortDigest(modelDigest)}.json`;
}

/** Path of the features of the evaluated rows, relative to the contract's folder. */
export function referenceFile(dataName: string, modelDigest: Digest): string {
  return `reference/${dataName}-${shortDigest(modelDigest)}.json`;
}

/** Environment name of a replica that lives only while something is measured on it. */
export function temporaryEnvironment(purpose: string, id: string): string {
  return `${purpose}-${id}`;
}

/** By the form of its name alone; a contract may have an environment of that form. */
export function looksTemporary(environment: string): boolean {
  return /^[a-z]+-[0-9a-f]{8}$/.test(environment);
}
