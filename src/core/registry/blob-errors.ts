import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import type { Digest } from '../units/digest.ts';
import { PlimsollError } from '../units/errors.ts';

export function digestInvalid(text: string): PlimsollError {
  return new PlimsollError({
    code: 'digest-invalid',
    category: 'input',
    message: `\`${text.slice(0, 100)}\` is not a digest; it looks like sha256: and 64 hexadecimal digits`,
  });
}

export function blobMissing(digest: Digest, location: string): PlimsollError {
  return new PlimsollError({
    code: 'blob-missing',
    category: 'not-found',
    message: `no blob ${digest} at ${location}`,
    next: nextStep(coreSteps, 'blob-missing'),
    details: { digest, path: location },
  });
}

export function blobCorrupt(expected: Digest, actual: Digest, location: string): PlimsollError {
  return new PlimsollError({
    code: 'blob-corrupt',
    category: 'corrupt',
    message: `the blob ${expected} holds other bytes: ${actual} (${location}); it is not served`,
    next: nextStep(coreSteps, 'blob-corrupt'),
    details: { expected, actual, path: location },
  });
}

export function blobMismatch(expected: Digest, actual: Digest): PlimsollError {
  return new PlimsollError({
    code: 'blob-mismatch',
    category: 'input',
    message: `the bytes digest to ${actual}, and ${expected} was expected; nothing was stored`,
    next: 'fetch the file again from where it came from',
    details: { expected, actual },
  });
}
