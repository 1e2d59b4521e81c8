import type { Bundle } from '../../core/bundle/bundle.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import type { ContractReading } from '../../schemas/contract/contract.ts';

/**
 * Reads text that others wrote, within limits in time and memory, and off the thread that serves others. What it answers
 * for a text is what `readContract`, `readLock` and `readBundle` answer.
 *
 * All throw PlimsollError `parse-overrun` (input) where a text takes more than the limits, and `parser-busy` (overloaded)
 * where too many wait already.
 */
export interface BoundedParser {
  contract(bytes: Uint8Array, file: string, shownAs?: string): Promise<ContractReading>;
  /** @throws PlimsollError `lock-invalid` (input), with line and column where they are known. */
  lock(bytes: Uint8Array, file: string): Promise<Lock>;
  /** The manifest of a bundle. @throws PlimsollError `bundle-invalid` (input; details.problems). */
  bundle(bytes: Uint8Array): Promise<Bundle>;
  /** @throws PlimsollError `json-invalid` (input). */
  json(bytes: Uint8Array, what: string): Promise<unknown>;
  /** Ends the thread. What still waits is refused. */
  close(): Promise<void>;
}
