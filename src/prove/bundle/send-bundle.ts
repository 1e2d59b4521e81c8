import { bundleBytes, type BundleRole } from '../../core/bundle/bundle.ts';
import type { Digest } from '../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { BundleReceiver, BytesFrom, MissingBlob } from '../../ports/artifacts/bundle-receiver.ts';
import type { ProvingPorts } from '../ports.ts';
import { byteProgress } from '../progress.ts';
import type { MadeBundle } from './make-bundle.ts';

/** Blobs that are sent at once: many are small, and each waits for a disk elsewhere. */
const lanes = 4;

/**
 * Sends what the receiver lacks of a bundle; returns its digest. Files of the model that this machine lacks are left out:
 * the receiver may fetch them from the model's place.
 * @throws PlimsollError `bundle-blob-missing` (not-found) for a file inside that cannot be opened here; `file-changed`
 * (conflict); what the receiver throws.
 */
export async function sendBundle(
  receiver: BundleReceiver,
  made: MadeBundle,
  context: Pick<ProvingPorts, 'terminal' | 'clock' | 'signal'>,
): Promise<Digest> {
  const { bundle, missing } = await receiver.offer(bundleBytes(made.bundle));
  const progress = totalProgress(context, missing);
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const waiting = missing.values();
  const sendSome = async (): Promise<void> => {
    for (const blob of waiting) {
      signal.throwIfAborted();
      const bytes = await openBlob(made, blob);
      if (bytes !== null) await sendBlob(receiver, bundle, blob, watched(bytes, signal, progress(blob)));
    }
  };
  // The first failure stops the other lanes; they have ended before it is thrown.
  const failures: unknown[] = [];
  const onFailure = (thrown: unknown): void => {
    failures.push(thrown);
    stopping.abort(thrown);
  };
  await Promise.all(Array.from({ length: lanes }, () => sendSome().catch(onFailure)));
  if (failures.length > 0) throw failures[0];
  return bundle;
}

/** What makes a file of the role anew. */
const remedies: Readonly<Partial<Record<BundleRole, string>>> = {
  golden: ', or plimsoll golden record',
  reference: ', or plimsoll evaluate',
};

async function openBlob({ bundle, open }: MadeBundle, { digest, path }: MissingBlob): Promise<BytesFrom | null> {
  const bytes = await open(digest);
  const file = bundle.files.find((each) => each.digest === digest);
  if (bytes !== null || file === undefined) return bytes;
  throw new PlimsollError({
    code: 'bundle-blob-missing',
    category: 'not-found',
    message: `the receiver lacks ${path} (${digest}), and it is neither on this disk nor among the blobs here`,
    next: `bring ${path} back from git${remedies[file.role] ?? ''}`,
    details: { digest, path, role: file.role },
  });
}

/** What was received of a blob may be wrong, and then it is sent from its start; what is wrong from its start was edited. */
async function sendBlob(receiver: BundleReceiver, bundle: Digest, blob: MissingBlob, bytes: BytesFrom): Promise<void> {
  const { digest, received, bytes: totalBytes } = blob;
  const sendFrom = (offset: number) => receiver.send(digest, { bundle, offset, totalBytes }, bytes);
  try {
    const { complete } = await sendFrom(received).catch((thrown: unknown) => {
      if (received > 0 && asPlimsollError(thrown).code === 'blob-mismatch') return sendFrom(0);
      throw thrown;
    });
    if (complete) return;
  } catch (thrown) {
    if (!['blob-mismatch', 'upload-too-long', 'file-changed'].includes(asPlimsollError(thrown).code)) throw thrown;
    throw fileChanged(blob, thrown);
  }
  throw fileChanged(blob);
}

function watched(bytes: BytesFrom, signal: AbortSignal, sentTo: (position: number) => void): BytesFrom {
  return async function* from(offset) {
    let at = offset;
    for await (const chunk of bytes(offset)) {
      signal.throwIfAborted();
      yield chunk;
      sentTo((at += chunk.length));
    }
  };
}

/** Of all blobs together; sending goes back a little where a connection breaks. */
function totalProgress(
  context: Pick<ProvingPorts, 'terminal' | 'clock'>,
  missing: readonly MissingBlob[],
): (blob: MissingBlob) => (position: number) => void {
  const total = missing.reduce((sum, { bytes, received }) => sum + bytes - received, 0);
  const progress = byteProgress(context, 'sending the bundle', total);
  let sent = 0;
  return ({ received }) => {
    let before = received;
    return (position) => {
      sent += position - before;
      before = position;
      progress(sent);
    };
  };
}

function fileChanged({ path, digest }: MissingBlob, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'file-changed',
    category: 'conflict',
    message: `${path} was written to while it was sent: its bytes are not ${digest} any more`,
    next: 'run the command again when nothing writes to it',
    details: { path, digest },
    cause,
  });
}
