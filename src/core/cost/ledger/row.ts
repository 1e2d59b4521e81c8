import type { Grade, IdleCause, LedgerState, Owner, Purpose, UnattributableReason } from './state.ts';

export const hourMs = 3_600_000;

/** The start of the hour (UTC) that a time is in, milliseconds since 1970. */
export const hourOf = (atMs: number): number => Math.floor(atMs / hourMs) * hourMs;

/** Wall time, hours included from `fromMs` up to `toMs`; both are starts of hours. */
export interface LedgerWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export type DeviceUnit = 'accelerator' | 'core';

/** Time of one device in one hour in one state for one owner. Amounts are whole numbers; a correction may be negative. */
export interface LedgerRow {
  /** Start of the hour, milliseconds since 1970. */
  readonly hourMs: number;
  readonly pool: string;
  readonly device: string;
  readonly deviceClass: string;
  /** What one device of the account is: an accelerator, or a core of a node. */
  readonly unit: DeviceUnit;
  readonly state: LedgerState;
  readonly owner: Owner | null;
  /** The replica; null where no claim holds the share. */
  readonly claim: string | null;
  /** Null where no claim holds the share. */
  readonly purpose: Purpose | null;
  /** Of `idle`, `stranded` and `unallocated`; null elsewhere. */
  readonly cause: IdleCause | null;
  /** Of `unattributable`; null elsewhere. */
  readonly reason: UnattributableReason | null;
  readonly grade: Grade;
  /** Device-milliseconds of the compute account. A share of 2 of 7 slices over 7 s is 2,000. */
  readonly computeMs: number;
  /** Device-milliseconds of the memory account. */
  readonly memoryMs: number;
  /** Of `computeMs` in `serving`: what the work takes at the sustained capacity. */
  readonly filledMs: number;
  /** Of `computeMs` in `serving` where no capacity is measured: neither filled nor slack. The rest of serving is slack. */
  readonly unratedMs: number;
  /** Answers inside the objective. */
  readonly answers: number;
  readonly tokens: number;
}

export type LedgerErrorKind =
  | 'claimed-twice'
  | 'overcommitted'
  | 'claim-lost'
  | 'claim-without-device'
  | 'claim-without-owner'
  | 'claim-began-twice'
  | 'device-in-two-pools'
  | 'device-unknown'
  | 'uuid-changed'
  | 'layout-unknown'
  | 'account-overlaps'
  | 'account-invalid'
  | 'busy-over-time'
  | 'work-over-capacity'
  | 'gap-unmatched'
  | 'clock-invalid';

/** What users may configure, and should be told of: no fact is wrong. */
export const isNotice = ({ kind }: Pick<LedgerError, 'kind'>): boolean => kind === 'overcommitted';

/** Something in the facts that cannot be true, or cannot be booked, or is to be told (`isNotice`). It stands in the result beside the rows. */
export interface LedgerError {
  readonly kind: LedgerErrorKind;
  /** Wall milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly device: string | null;
  readonly slot: string | null;
  /** Claims that it is about, sorted. */
  readonly claims: readonly string[];
  /** Milliseconds of the share that it is about; 0 where it is about no time. */
  readonly shareMs: number;
  /** One sentence for people. */
  readonly message: string;
}

/** Equal for rows that differ in amounts only. */
export function rowKey(row: LedgerRow): string {
  return JSON.stringify([row.hourMs, row.pool, row.device, row.deviceClass, row.unit, ...labelOf(row)]);
}

/** What tells the rows of one device in one hour apart, as text. */
export function labelOf({
  state,
  owner,
  claim,
  purpose,
  cause,
  reason,
  grade,
}: Pick<LedgerRow, 'state' | 'owner' | 'claim' | 'purpose' | 'cause' | 'reason' | 'grade'>): readonly (
  string | null
)[] {
  const owned = owner === null ? [] : [owner.service, owner.environment, owner.release, owner.team, owner.model];
  return [state, claim, purpose, cause, reason, grade, ...owned];
}
