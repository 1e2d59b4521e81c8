import { readFileSync, statSync } from 'node:fs';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial, Verifier } from '@sigstore/verify';
import type { VerifyBundle } from '../../core/trust/sigstore/checked-bundle.ts';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import { verifySigstoreBundle } from './verify-sigstore-bundle.ts';

/** The root of the public instance has 7 KB. */
const rootBytesAtMost = 1024 * 1024;
/** A root that is asked for and not there is looked for again: somebody may bring it. */
const lookAgainMs = 10_000;

/**
 * The trust roots in these files, each known by its digest. A file that is replaced is found by its new digest, and the
 * root that was read before stays known.
 */
export function openSigstoreRoots(files: readonly string[], clock: Pick<Clock, 'monotonicMs'>): OpenSigstore {
  const known = new Map<Digest, VerifyBundle>();
  const problems = new Map<string, string>();
  let lookedAtMs = -Infinity;
  const look = (): void => {
    lookedAtMs = clock.monotonicMs();
    problems.clear();
    for (const file of files) {
      try {
        const bytes = readRoot(file);
        const digest = digestOfBytes(bytes);
        if (!known.has(digest)) known.set(digest, makeVerify(bytes));
      } catch (thrown) {
        problems.set(file, thrown instanceof Error ? thrown.message : String(thrown));
      }
    }
  };
  return (root) => {
    if (!known.has(root) && clock.monotonicMs() - lookedAtMs >= lookAgainMs) look();
    const verify = known.get(root);
    if (verify !== undefined) return verify;
    const unread = [...problems].map(([file, why]) => `${file} cannot be read: ${why.slice(0, 200)}`);
    return { problem: [`no file of PLIMSOLL_SIGSTORE_ROOT has the digest ${root}`, ...unread].join('; ') };
  };
}

function readRoot(file: string): Uint8Array {
  const found = statSync(file);
  if (!found.isFile() || found.size > rootBytesAtMost) throw new Error('it is no file of at most 1 MiB');
  return readFileSync(file);
}

function makeVerify(bytes: Uint8Array): VerifyBundle {
  const root = TrustedRoot.fromJSON(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (root.certificateAuthorities.length === 0 || root.tlogs.length === 0 || root.ctlogs.length === 0)
    throw new Error('it has no certificate authority, no certificate log or no transparency log');
  const verifier = new Verifier(toTrustMaterial(root), { ctlogThreshold: 1, tlogThreshold: 1 });
  return (bundle, message) => verifySigstoreBundle(verifier, bundle, message);
}
