/** What a share of a device is doing; each millisecond of each share is in exactly one state. */
export const ledgerStates = [
  'serving',
  'idle',
  'loading',
  'draining',
  'reserved',
  'stranded',
  'unallocated',
  'unattributable',
] as const;
export type LedgerState = (typeof ledgerStates)[number];

/** What accelerator time was spent for. */
export const purposes = ['answers', 'shadow', 'golden', 'proof', 'wasted'] as const;
export type Purpose = (typeof purposes)[number];

/**
 * How a charge is known, best first.
 *
 * | grade | meaning |
 * |---|---|
 * | measured-device | busy time was measured on this device or MIG instance alone |
 * | measured-engine | busy time comes from the engine's or the gateway's own account |
 * | estimated | busy time was joined from the accounts of several gateways, and may be another inside known bounds |
 * | measured-use | replicas hold more than there is: its time is divided by what each was measured to use |
 * | time-shared | the device is shared without isolation: each share is charged 1/n of the device, by the layout, or what it asked for |
 * | reserved | the share was held or kept, and nothing was measured on it |
 */
export const grades = [
  'measured-device',
  'measured-engine',
  'estimated',
  'measured-use',
  'time-shared',
  'reserved',
] as const;
export type Grade = (typeof grades)[number];

/** Why time is in `unattributable`. Each one names something that was recorded; none is a remainder. */
export const unattributableReasons = [
  'device-in-two-pools',
  'claimed-twice',
  'no-owner',
  'claim-lost',
  'layout-unknown',
  'control-plane-down',
  'node-gone',
  'reports-missing',
  'work-not-reported',
] as const;
export type UnattributableReason = (typeof unattributableReasons)[number];

/** Why a share is idle (`asleep`: a sleeping replica holds it), or stands empty; `not-recorded` where no scaling decision tells. */
export const idleCauses = [
  'min-replicas',
  'warm-pool',
  'keep-previous',
  'start-ahead',
  'asleep',
  'fragmentation',
  'no-demand',
  'not-recorded',
] as const;
export type IdleCause = (typeof idleCauses)[number];

/** Whom a charge belongs to; a field that is not recorded is null. */
export interface Owner {
  readonly service: string;
  readonly environment: string;
  readonly release: string | null;
  readonly team: string | null;
  readonly model: string | null;
}

/** What is seen of one share at one moment. */
export interface SeenShare {
  /** The inventory has the device in two pools. */
  readonly inTwoPools: boolean;
  /** The layout names a profile that no table has. */
  readonly isLayoutUnknown: boolean;
  /** No MIG profile of the board can use the slices any more. */
  readonly isStranded: boolean;
  /** Claims that hold the share. Of what may be held by several (cores, a whole device) each has a part, and is seen alone. */
  readonly claims: number;
  readonly hasOwner: boolean;
  /** Of the one claim; null where there is none. */
  readonly activity: 'loading' | 'ready' | 'asleep' | 'draining' | null;
  /** A work account of the claim covers the moment. */
  readonly hasAccount: boolean;
  /** Somebody saw a holder on the share that no claim tells of. */
  readonly isSighted: boolean;
  readonly gap: GapCause | null;
  readonly isReserved: boolean;
}

/** Something that kept the recorder from seeing, by name. */
export type GapCause = Extract<UnattributableReason, 'control-plane-down' | 'node-gone' | 'reports-missing'>;

export type ShareState =
  | { readonly state: Exclude<LedgerState, 'unattributable' | 'serving'>; readonly reason: null }
  /** The work account splits the time into `serving` and `idle`. */
  | { readonly state: 'worked'; readonly reason: null }
  | { readonly state: 'unattributable'; readonly reason: UnattributableReason };

/**
 * Returns the state of a share at one moment. The first row that matches decides:
 *
 * | # | seen | state |
 * |---|---|---|
 * | 1 | the device is in two pools | unattributable: device-in-two-pools |
 * | 2 | two claims or more hold a share that is handed out once | unattributable: claimed-twice |
 * | 3 | one claim holds it, and nobody owns the claim | unattributable: no-owner |
 * | 4 | the claim is ready, and a work account covers the moment | serving and idle, as the account splits it |
 * | 5 | a gap covers the moment | unattributable: the name of the gap |
 * | 6 | the claim is draining | draining |
 * | 7 | the claim is loading | loading |
 * | 8 | the claim is asleep | idle, with the cause `asleep` |
 * | 9 | the claim is ready, and no account covers the moment | unattributable: work-not-reported |
 * | 10 | a holder was seen without a claim | unattributable: claim-lost |
 * | 11 | the layout names an unknown profile | unattributable: layout-unknown |
 * | 12 | no profile can use the slices | stranded |
 * | 13 | a reservation covers the share | reserved |
 * | 14 | nothing holds the share, and no gap covers the moment | unallocated |
 *
 * Row 4 stands before row 5: gateways and engines count on while the control plane is down.
 */
export function decideShareState(seen: SeenShare): ShareState {
  if (seen.inTwoPools) return unattributable('device-in-two-pools');
  if (seen.claims > 1) return unattributable('claimed-twice');
  if (seen.claims === 1 && !seen.hasOwner) return unattributable('no-owner');
  if (seen.activity === 'ready' && seen.hasAccount) return { state: 'worked', reason: null };
  if (seen.gap !== null) return unattributable(seen.gap);
  if (seen.activity === 'draining' || seen.activity === 'loading') return { state: seen.activity, reason: null };
  if (seen.activity === 'asleep') return { state: 'idle', reason: null };
  if (seen.activity === 'ready') return unattributable('work-not-reported');
  if (seen.isSighted) return unattributable('claim-lost');
  if (seen.isLayoutUnknown) return unattributable('layout-unknown');
  if (seen.isStranded) return { state: 'stranded', reason: null };
  return { state: seen.isReserved ? 'reserved' : 'unallocated', reason: null };
}

const unattributable = (reason: UnattributableReason): ShareState => ({ state: 'unattributable', reason });
