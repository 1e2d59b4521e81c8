import type { EvidenceKind } from '../../evidence/lock/lock.ts';
import type { EnvironmentTerms } from './environment-record.ts';

/** Whether the policy of an environment lets a kind of evidence be waived. */
export function mayBeWaived(record: EnvironmentTerms | null, kind: EvidenceKind): boolean {
  return record?.policy?.neverWaived?.includes(kind) !== true;
}

/** Why a waiver is refused, and what to do. */
export const neverWaived = (environment: string, kind: EvidenceKind) => ({
  code: 'waiver-forbidden',
  message: `policy.neverWaived of ${environment} holds ${kind}: no release there goes without that evidence`,
  next: `measure it: plimsoll check; the policy: plimsoll environment show ${environment}`,
});
