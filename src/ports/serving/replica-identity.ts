import type { Protocol } from '../../core/contract/contract.ts';

/**
 * Asks the server at an endpoint which replica it is, and which start of it.
 * @returns the text that it tells; null where it tells none.
 * @throws PlimsollError `replica-unreachable` (unavailable).
 */
export type ReadIdentity = (protocol: Protocol, endpoint: string, signal: AbortSignal) => Promise<string | null>;
