import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { bundledFile, type Bundle, type BundleRole } from '../../core/bundle/bundle.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import { contractInvalid } from '../../core/contract-keys/contract-invalid.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import type { LockSignatures } from '../../core/trust/evidence-signatures.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import { readSignatures } from '../../schemas/lock/lock-signatures.ts';

/** A bundle as this version reads it. */
export interface OpenedBundle {
  readonly digest: Digest;
  readonly bundle: Bundle;
  readonly loaded: LoadedContract;
  readonly lock: Lock;
  /** Of the evidence in the lock; left out where the bundle has none. */
  readonly signatures?: LockSignatures | { readonly unreadable: string };
}

export interface BundleShelf {
  /**
   * Reads contract and lock of a stored bundle, with the bounds of the parser.
   * @throws PlimsollError `bundle-missing` (not-found) where its manifest is not stored, `blob-missing` where a file of it
   *   is not, `bundle-invalid`, `contract-invalid`, `lock-invalid` (input), `parse-overrun` (input).
   */
  open(digest: Digest): Promise<OpenedBundle>;
}

/** A live release is judged every few seconds by the same bundles, a rollback mixes two, and a fleet has hundreds of releases. */
const keptAtMost = 4_096;

/** Bundles of the blob store, read once each: their content is their digest. */
export function makeBundleShelf({
  blobs,
  parser,
}: {
  readonly blobs: Blobs;
  readonly parser: Pick<BoundedParser, 'bundle' | 'contract' | 'lock'>;
}): BundleShelf {
  const kept = new Map<Digest, Promise<OpenedBundle>>();
  return {
    open(digest) {
      const known = kept.get(digest);
      if (known !== undefined) {
        // The one that was asked for longest ago goes first: in turns around a fleet the oldest is the one needed next.
        kept.delete(digest);
        kept.set(digest, known);
        return known;
      }
      const opening = openBundle(digest, blobs, parser);
      kept.set(digest, opening);
      opening.catch(() => kept.delete(digest));
      const [oldest] = kept.keys();
      if (kept.size > keptAtMost && oldest !== undefined) kept.delete(oldest);
      return opening;
    },
  };
}

async function openBundle(
  digest: Digest,
  blobs: Blobs,
  parser: Pick<BoundedParser, 'bundle' | 'contract' | 'lock'>,
): Promise<OpenedBundle> {
  if (!(await blobs.has(digest))) throw bundleMissing(digest);
  const bundle = await parser.bundle(await blobs.read(digest));
  const read = async (role: BundleRole): Promise<Uint8Array> => {
    const file = bundledFile(bundle, role);
    if (file === null) throw new RangeError(`a bundle without a ${role} was read`);
    return blobs.read(file.digest);
  };
  const reading = await parser.contract(await read('contract'), 'plimsoll.yaml', 'plimsoll.yaml');
  if (!reading.ok) throw contractInvalid(reading.problems);
  const lock = await parser.lock(await read('lock'), 'plimsoll.lock');
  const opened = { digest, bundle, loaded: reading.loaded, lock };
  if (bundledFile(bundle, 'signatures') === null) return opened;
  return { ...opened, signatures: parseSignatures(await read('signatures')) };
}

/** Signatures that nobody can read sign nothing; the rest of the bundle is what it is. */
function parseSignatures(bytes: Uint8Array): NonNullable<OpenedBundle['signatures']> {
  try {
    return readSignatures(bytes);
  } catch (thrown) {
    return { unreadable: asPlimsollError(thrown).message };
  }
}

function bundleMissing(digest: Digest): PlimsollError {
  return new PlimsollError({
    code: 'bundle-missing',
    category: 'not-found',
    message: `the bundle ${shortDigest(digest)} is not stored here`,
    next: nextStep(controlPlaneSteps, 'bundle-missing'),
    details: { bundle: digest },
  });
}
