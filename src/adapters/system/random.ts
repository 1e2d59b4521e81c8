import { randomBytes } from 'node:crypto';
import type { Random } from '../../ports/process/random.ts';

/** `hex` is cryptographically strong; `next` is not and must not be used for secrets. */
export const systemRandom: Random = {
  next: () => Math.random(),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
