import type { Digest } from '../units/digest.ts';
import { PlimsollError } from '../units/errors.ts';
import { formatBytes } from '../units/quantity/quantity-bytes.ts';

export function uploadOffset(digest: Digest, received: number, offset: number): PlimsollError {
  return new PlimsollError({
    code: 'upload-offset',
    category: 'conflict',
    message: `${digest}: ${received} bytes were received, and the part begins at ${offset}`,
    next: `send the bytes from ${received} on`,
    details: { digest, received, offset },
  });
}

export function uploadTooLong(digest: Digest, totalBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'upload-too-long',
    category: 'input',
    message: `${digest} has ${totalBytes} bytes, and more were sent`,
    next: 'offer the bundle again: its manifest says how long each file is',
    details: { digest, totalBytes },
  });
}

export function uploadBusy(digest: Digest, received: number): PlimsollError {
  return new PlimsollError({
    code: 'upload-busy',
    category: 'conflict',
    message: `${digest} is being sent by somebody else: ${received} bytes so far`,
    next: 'wait, and ask again what is missing',
    details: { digest, received },
  });
}

/** @param freeBytes that this upload may have. */
export function uploadQuota(digest: Digest, totalBytes: number, freeBytes: number, quotaBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'upload-quota',
    category: 'overloaded',
    message: `${digest} has ${formatBytes(totalBytes)}; uploads that are not whole yet may have ${formatBytes(quotaBytes)} together, of which ${formatBytes(freeBytes)} are free`,
    next: 'wait for the other uploads; one that nobody goes on with is removed after a day',
    details: { digest, totalBytes, freeBytes, quotaBytes },
  });
}

export function uploadDiskFull(place: string, wantedBytes: number, freeBytes: number): PlimsollError {
  return new PlimsollError({
    code: 'storage-full',
    category: 'unavailable',
    message: `an upload needs ${formatBytes(wantedBytes)} at ${place}, and ${formatBytes(freeBytes)} are free; nothing was taken`,
    next: `free space on the file system of ${place} (df -h shows it), then send it again`,
    details: { path: place, wantedBytes, freeBytes },
  });
}
