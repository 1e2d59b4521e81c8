import { Readable } from 'node:stream';
import { bundlesUnknown } from '../../core/access/version-gap.ts';
import { uploadOffset } from '../../core/bundle/upload-errors.ts';
import type { Digest } from '../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { BlobPart, BundleReceiver, BytesFrom } from '../../ports/artifacts/bundle-receiver.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { blobPartAnswerSchema, bundleOfferSchema } from '../../schemas/http/release/http-bundle.ts';
import { makeRawControlRequest, type ControlAddress, type RawControlRequest } from './control-request.ts';

/** A request ends within 30 s (the server's limit) on a connection of 0.6 MB/s; a slower one goes on where it was cut. */
const pieceBytes = 16 * 1024 * 1024;
const retriesAtMost = 5;
const firstPauseMs = 1_000;
/** The last part is answered once the whole blob was read again and stored. */
const verifiedBytesPerMs = 20_000;

/** What may be otherwise a moment later; any other refusal stands. */
const passing = new Set([
  'control-plane-unreachable',
  'server-not-proven',
  'upload-cut',
  'upload-busy',
  'upload-offset',
  'parser-busy',
]);

interface PartAnswer {
  readonly received: number;
  readonly complete: boolean;
}

/** A control plane that takes a bundle. */
export interface BundleAddress extends ControlAddress {
  readonly version: string;
  /** What the control plane says it is; null where it did not say. */
  readonly serverVersion: string | null;
}

/**
 * A control plane elsewhere as a receiver of bundles. A blob goes in pieces; where a connection breaks, sending goes on
 * from what the server received, after 1, 2, 4, 8 and 16 s at most without any progress.
 * @param clock for the pauses.
 */
export function makeBundleSender(address: BundleAddress, clock: Clock): BundleReceiver {
  const ask = makeRawControlRequest(address);
  return {
    async offer(manifest) {
      const body = { contentType: 'application/json', content: manifest, contentBytes: manifest.length } as const;
      try {
        return await ask('POST', '/v1/bundles', bundleOfferSchema, body);
      } catch (thrown) {
        const isOld = asPlimsollError(thrown).code === 'unknown-path';
        throw isOld ? bundlesUnknown(address.version, address.serverVersion) : thrown;
      }
    },
    missing: (bundle) => ask('GET', `/v1/bundles/${bundle}/missing`, bundleOfferSchema),
    async send(digest, part, bytes) {
      let [received, furthest, failures, isAsking] = [part.offset, part.offset, 0, false];
      for (;;) {
        const length = isAsking ? 0 : Math.min(pieceBytes, part.totalBytes - received);
        const answer = await sendPiece(ask, digest, { ...part, offset: received }, length, bytes);
        if (!(answer instanceof PlimsollError)) {
          if (answer.complete) return answer;
          ({ received } = answer);
          isAsking = false;
        } else {
          address.signal.throwIfAborted();
          if (!passing.has(answer.code) || failures === retriesAtMost) throw answer;
          received = receivedOf(answer) ?? received;
          failures = received > furthest ? 0 : failures + 1;
          isAsking = answer.code !== 'upload-offset';
          if (isAsking) await clock.sleep(firstPauseMs * 2 ** Math.max(0, failures - 1), address.signal);
        }
        if (received > furthest) [furthest, failures] = [received, 0];
      }
    },
  };
}

function receivedOf({ details }: PlimsollError): number | null {
  return typeof details['received'] === 'number' ? details['received'] : null;
}

/** What the source of the bytes throws is thrown; what the server or the connection says is returned. */
async function sendPiece(
  ask: RawControlRequest,
  digest: Digest,
  { bundle, offset, totalBytes }: BlobPart,
  length: number,
  bytes: BytesFrom,
): Promise<PartAnswer | PlimsollError> {
  const source: { failure?: unknown } = {};
  const path = `/v1/bundles/${bundle}/blobs/${digest}?${new URLSearchParams({ offset: String(offset), totalBytes: String(totalBytes) }).toString()}`;
  const content = length === 0 ? new Uint8Array() : Readable.from(pieceOf(bytes(offset), length, source));
  try {
    const answer = await ask('PUT', path, blobPartAnswerSchema, {
      contentType: 'application/octet-stream',
      content,
      contentBytes: length,
      timeoutMs: 30_000 + totalBytes / verifiedBytesPerMs,
    });
    const isWhole = answer.complete || answer.received === offset + length;
    return isWhole ? answer : uploadOffset(digest, answer.received, offset + length);
  } catch (thrown) {
    if ('failure' in source) throw source.failure;
    return asPlimsollError(thrown);
  }
}

/** Exactly so many bytes of a stream. */
async function* pieceOf(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
  source: { failure?: unknown },
): AsyncGenerator<Uint8Array> {
  let left = length;
  // A connection that breaks is thrown into the generator where it yields; that is no failure of the source.
  let isYielding = false;
  try {
    for await (const chunk of bytes) {
      isYielding = true;
      yield chunk.subarray(0, left);
      isYielding = false;
      left -= Math.min(left, chunk.length);
      if (left === 0) return;
    }
    throw new PlimsollError({
      code: 'file-changed',
      category: 'conflict',
      message: `a file became shorter while it was sent: ${left} bytes are missing`,
      next: 'run the command again when nothing writes to it',
    });
  } catch (thrown) {
    if (!isYielding) source.failure = thrown;
    throw thrown;
  }
}
