import type { Lock } from '../../core/evidence/lock/lock.ts';
import type { ContractReading } from '../../schemas/contract/contract.ts';

/**
 * Reads text that others wrote, within limits in time and memory, and off the thread that serves others. What it answers
 * for a text is what `readContract` and `readLock` answer.
 *
 * All throw PlimsollError `parse-overrun` (input) where a text takes more than the limits, and `parser-busy` (overloaded)
 * where too many wait already.
 */
export interface BoundedParser {
  contract(bytes: Uint8Array, file: string, shownAs?: string): Promise<ContractReading>;
  /** @throws PlimsollError `lock-invalid` (input), with line and column where they are known. */
  lock(bytes: Uint8Array, file: string): Promise<Lock>;
  /** Any JSON, as a manifest of a bundle is. @throws PlimsollError `json-invalid` (input). */
  json(bytes: Uint8Array, what: string): Promise<unknown>;
  /** Ends the thread. What still waits is refused. */
  close(): Promise<void>;
}
