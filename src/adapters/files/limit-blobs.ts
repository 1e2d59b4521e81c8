import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';

/** Other processes store and remove too: what is stored is counted anew after this time. */
const countedForMs = 60_000;

/**
 * The same blobs, but what would take them above a quota is refused: before its last byte is taken, and nothing of it stays.
 * Bytes that are stored already, by their expected digest, are always taken. Several that are stored at once may together
 * take a little more than the quota.
 * @throws PlimsollError `blobs-quota` (unavailable) of `put`.
 */
export function limitBlobs(blobs: Blobs, quotaBytes: number, clock: Clock): Blobs {
  let counted: { bytes: number; readonly atMs: number } | null = null;

  const countBytes = async (): Promise<{ bytes: number }> => {
    const nowMs = clock.monotonicMs();
    if (counted !== null && nowMs - counted.atMs < countedForMs) return counted;
    let bytes = 0;
    for await (const stored of blobs.list()) bytes += stored.bytes;
    counted = { bytes, atMs: nowMs };
    return counted;
  };

  const isStored = async (digest: Digest | undefined): Promise<boolean> =>
    digest !== undefined && (await blobs.has(digest));

  return {
    ...blobs,
    async put(bytes, options) {
      if (await isStored(options?.expected)) return blobs.put(bytes, options);
      const used = await countBytes();
      async function* limited(): AsyncGenerator<Uint8Array> {
        let taken = 0;
        for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
          taken += chunk.length;
          if (used.bytes + taken > quotaBytes) throw aboveQuota(quotaBytes, used.bytes);
          yield chunk;
        }
      }
      const stored = await blobs.put(limited(), options);
      used.bytes += stored.bytes;
      return stored;
    },
    async remove(digest, storedBeforeMs) {
      counted = null;
      return blobs.remove(digest, storedBeforeMs);
    },
  };
}

function aboveQuota(quotaBytes: number, usedBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'blobs-quota',
    category: 'unavailable',
    message: `blobs may take ${formatBytes(quotaBytes)} (PLIMSOLL_BLOBS_QUOTA) and take ${formatBytes(usedBytes)}: this one does not fit, and nothing of it was stored`,
    next: nextStep(adapterSteps, 'blobs-quota'),
    details: { quotaBytes, usedBytes },
  });
}
