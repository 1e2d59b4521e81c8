import { hold } from '../policies/hold.ts';
import { plimsollPolicy } from '../own/plimsoll.ts';
import type { Policy } from '../policy.ts';

/** What a control plane asks. */
export const actingPolicy: Policy = plimsollPolicy;

const known: readonly Policy[] = [plimsollPolicy, hold];

/** The policy of a recorded decision; null for one that this version does not have. */
export function policyNamed(name: string): Policy | null {
  return known.find((policy) => policy.name === name) ?? null;
}
