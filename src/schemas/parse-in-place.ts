import { readContract } from './contract/contract.ts';
import { readLock } from './lock/lock.ts';

/**
 * A bounded parser for programs that end with what they read: they wait for no thread, and the bounds of the readers are
 * enough.
 */
export const parseInPlace = {
  contract: async (bytes: Uint8Array, file: string, shownAs?: string) =>
    Promise.resolve(readContract(bytes, file, shownAs)),
  lock: async (bytes: Uint8Array, file: string) => Promise.resolve(readLock(bytes, file)),
  // Loaded when a bundle is read: `check` reads none, and starts on every commit.
  bundle: async (bytes: Uint8Array) => (await import('./bundle/bundle-manifest.ts')).readBundle(bytes),
};
