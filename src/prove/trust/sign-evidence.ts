import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Evidence, EvidenceKind } from '../../core/evidence/lock/lock.ts';
import type { EvidenceSignature, LockSignatures } from '../../core/trust/evidence-signatures.ts';
import { signedBytes, type EvidencePlace } from '../../core/trust/evidence-statement.ts';
import { keyIdOf } from '../../core/trust/signing-key.ts';
import { canonicalJson } from '../../core/units/digest.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import {
  noSignatures,
  readSignatures,
  signaturesBytesAtMost,
  signaturesFile,
  signaturesText,
  signaturesTooLarge,
} from '../../schemas/lock/lock-signatures.ts';
import { readIfFile } from '../files/source-file.ts';
import type { Signer } from './ed25519.ts';

/** Signs one piece of evidence for one service and environment. */
export function signEvidence(place: EvidencePlace, evidence: Evidence, signer: Signer): EvidenceSignature {
  return { keyId: keyIdOf(signer.key), signature: signer.sign(signedBytes(place, evidence)) };
}

/** The signatures beside the lock of a folder; null where there is no such file. @throws PlimsollError `signatures-invalid`. */
export async function readFolderSignatures(folder: string): Promise<LockSignatures | null> {
  const file = path.join(folder, signaturesFile);
  const found = await stat(file).catch(() => null);
  if (found !== null && found.size > signaturesBytesAtMost) throw signaturesTooLarge(found.size);
  const bytes = await readIfFile(file);
  return bytes === null ? null : readSignatures(bytes);
}

/** Returns signatures with one more bundle of Sigstore of a kind; the same one stands there once. */
export function addBundle(
  all: LockSignatures,
  environment: string,
  kind: EvidenceKind,
  bundle: object,
): LockSignatures {
  const standing = all.bundles?.[environment]?.[kind] ?? [];
  const others = standing.filter((one) => canonicalJson(one) !== canonicalJson(bundle));
  return withBundles(all, environment, kind, [...others, bundle]);
}

function withBundles(
  all: LockSignatures,
  environment: string,
  kind: EvidenceKind,
  bundles: readonly object[],
): LockSignatures {
  const ofEnvironment = { ...all.bundles?.[environment], [kind]: bundles };
  return { ...all, bundles: { ...all.bundles, [environment]: ofEnvironment } };
}

/** Returns signatures with others of one kind: the rest stays. */
function withSignatures(
  all: LockSignatures,
  environment: string,
  kind: EvidenceKind,
  signatures: readonly EvidenceSignature[],
): LockSignatures {
  const ofEnvironment = { ...all.environments[environment], [kind]: signatures };
  return { ...all, environments: { ...all.environments, [environment]: ofEnvironment } };
}

/** Returns signatures with one more of a kind; an earlier one of the same key goes. */
export function addSignature(
  all: LockSignatures,
  environment: string,
  kind: EvidenceKind,
  signature: EvidenceSignature,
): LockSignatures {
  const others = (all.environments[environment]?.[kind] ?? []).filter(({ keyId }) => keyId !== signature.keyId);
  return withSignatures(all, environment, kind, [...others, signature]);
}

/** Writes the signatures beside the lock of a folder. */
export async function writeFolderSignatures(
  folder: string,
  signatures: LockSignatures,
  writeDurably: WriteDurably,
): Promise<void> {
  await writeDurably(path.join(folder, signaturesFile), signaturesText(signatures), {
    doing: 'writing the signatures',
  });
}

/**
 * Signs evidence that was just measured, with the key of the environment variable. Signatures of the evidence that it
 * takes the place of go, also where there is no key: they are of something else.
 */
export async function signRecorded(
  {
    folder,
    writeDurably,
    signer,
  }: { readonly folder: string; readonly writeDurably: WriteDurably; readonly signer: Signer | null },
  place: EvidencePlace,
  evidence: Evidence,
): Promise<void> {
  // A file that cannot be read signs nothing: a signature that is new takes its place.
  const standing = await readFolderSignatures(folder).catch(() => null);
  if (standing === null && signer === null) return;
  const signed = signer === null ? [] : [signEvidence(place, evidence, signer)];
  const others = withSignatures(standing ?? noSignatures, place.environment, evidence.kind, signed);
  const hasBundles = others.bundles?.[place.environment]?.[evidence.kind] !== undefined;
  const changed = hasBundles ? withBundles(others, place.environment, evidence.kind, []) : others;
  await writeFolderSignatures(folder, changed, writeDurably);
}
