import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import type { EvidenceKind, Waiver } from '../../evidence/lock/lock.ts';
import { formatDuration } from '../../units/quantity/quantity-duration.ts';
import { policyProblem, type EnvironmentTerms } from './environment-record.ts';

/** A waiver as it is asked for, or as it was given. */
type Asked = Pick<Waiver, 'kind' | 'untilMs'> & { readonly atMs: number };

/** Why a waiver is refused, and what to do. */
export interface WaiverRefusal {
  readonly code: 'waiver-forbidden' | 'waiver-too-long' | 'policy-unreadable';
  readonly message: string;
  readonly next: string;
}

/**
 * Returns why the policy of an environment does not take a waiver; null where it does. A policy that cannot be read takes
 * none.
 */
export function findWaiverRefusal(
  record: EnvironmentTerms | null,
  environment: string,
  { kind, untilMs, atMs }: Asked,
): WaiverRefusal | null {
  const problem = policyProblem(record ?? {}, environment);
  const next = `the policy: plimsoll environment show ${environment}`;
  if (problem !== null) return { code: 'policy-unreadable', message: problem, next };
  const { neverWaived: never = [], longestWaiverMs } = record?.policy ?? {};
  if (never.includes(kind)) return neverWaived(environment, kind);
  if (longestWaiverMs === undefined || untilMs - atMs <= longestWaiverMs) return null;
  return {
    code: 'waiver-too-long',
    message: `the waiver of ${kind} would last longer than ${formatDuration(longestWaiverMs)}, which is policy.longestWaiver of ${environment}`,
    next: `give --until a nearer date; ${next}`,
  };
}

const neverWaived = (environment: string, kind: EvidenceKind): WaiverRefusal => ({
  code: 'waiver-forbidden',
  message: `policy.neverWaived of ${environment} holds ${kind}: no release there goes without that evidence`,
  next: nextStep(coreSteps, 'waiver-forbidden', { environment }),
});
