import type { GapCause, Owner, Purpose } from './state.ts';

/**
 * When a fact was true, by the clocks of whoever recorded it.
 *
 * `monotonicMs` never steps and begins anew with each `recorder`: one run of one process. `wallMs` may step.
 */
export interface FactClock {
  readonly recorder: string;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** How a device is cut into shares. A share is named by its slot. */
export type DeviceLayout =
  /** One share, the slot `whole`. */
  | { readonly kind: 'whole' }
  /** Slots are names of instances. The board's table says which slices a profile takes. */
  | {
      readonly kind: 'mig';
      readonly instances: readonly { readonly slot: string; readonly profile: string; readonly start: number }[];
    }
  /** Slots `0` to `shares - 1`, each an equal part. */
  | { readonly kind: 'shared'; readonly sharing: 'mps' | 'time-slicing'; readonly shares: number }
  /** The cores of a node for services without an accelerator: each core is one device of the account. */
  | { readonly kind: 'cores'; readonly cores: number };

/** What a claim or a reservation holds. */
export type Hold =
  | {
      readonly device: string;
      readonly slot: string;
      /** Nobody tells which of several slots it is on: the thousandths of this one that it is charged. Absent: all of it. */
      readonly milliSlot?: number;
    }
  /** A part of the cores of a node, in thousandths of a core. */
  | {
      readonly device: string;
      readonly milliCores: number;
      /** Nobody said how many cores: `milliCores` is the least that it is charged, as far as there are any. */
      readonly isDefault?: true;
    };

interface FactBase {
  /** Unique; of facts at the same time the smaller id comes first. A fact that comes twice counts once. */
  readonly id: string;
  readonly at: FactClock;
}

/** A device is in a pool from now on. Said again of a device that is there, it says the layout again. */
export interface DeviceAppeared extends FactBase {
  readonly kind: 'device-appeared';
  readonly device: string;
  readonly pool: string;
  readonly node: string;
  /** Place on the node, such as its PCI bus id: another UUID at the same place is the same board renamed. Null: not known. */
  readonly place: string | null;
  readonly deviceClass: string;
  readonly pciDeviceId: string | null;
  readonly layout: DeviceLayout;
}

export interface DeviceGone extends FactBase {
  readonly kind: 'device-gone';
  readonly device: string;
  readonly pool: string;
}

export interface LayoutChanged extends FactBase {
  readonly kind: 'layout-changed';
  readonly device: string;
  readonly layout: DeviceLayout;
}

/** A replica holds shares from now on. It is loading until it is said to be ready. */
export interface ClaimBegan extends FactBase {
  readonly kind: 'claim-began';
  /** The replica. */
  readonly claim: string;
  readonly holds: readonly Hold[];
  readonly owner: Owner | null;
  /** What loading, waiting and draining of this claim are for. */
  readonly purpose: Purpose;
}

export interface ClaimChanged extends FactBase {
  readonly kind: 'claim-changed';
  readonly claim: string;
  readonly state: 'loading' | 'ready' | 'asleep' | 'draining' | 'ended';
}

/** The release of a claim is the previous one from now on, kept warm for a rollback; or the live one again. */
export interface ClaimRole extends FactBase {
  readonly kind: 'claim-role';
  readonly claim: string;
  readonly role: 'live' | 'previous';
}

/** What a replica did from `fromMonotonicMs` up to `at`. */
export interface WorkAccount extends FactBase {
  readonly kind: 'work-account';
  readonly claim: string;
  /** By the same recorder as `at`. */
  readonly fromMonotonicMs: number;
  /** Milliseconds in which at least one batch ran, by purpose: batch time split over its requests. */
  readonly busyMs: Readonly<Partial<Record<Purpose, number>>>;
  /**
   * What the busy time is at least and at most, where it was joined from several counts that tell no moments; absent where it
   * is exact.
   */
  readonly joined?: { readonly atLeastMs: number; readonly atMostMs: number };
  /** Milliseconds that the work would take at the sustained capacity: work / capacity. Null where no capacity is measured. */
  readonly filledMs: number | null;
  /** Answers inside the objective. */
  readonly answers: number;
  readonly tokens: number;
  readonly source: 'device' | 'engine' | 'gateway';
  /** Where the counters that it is made of stood at `at`: who records after this recorder goes on from there. */
  readonly counters?: readonly WorkCounters[];
}

/** Counters of one gateway process about one replica, since the start of that process. Those that are 0 may be absent. */
export interface WorkCounters {
  readonly gateway: string;
  readonly startedAtMs: number;
  readonly answers?: number;
  readonly inside?: number;
  readonly tokens?: number;
  readonly busyMs?: number;
  readonly shadowMs?: number;
  readonly goldenMs?: number;
}

/** What the recorder could not see from now on. */
export interface GapBegan extends FactBase {
  readonly kind: 'gap-began';
  readonly gap: string;
  readonly cause: GapCause;
  readonly scope: GapScope;
}

export type GapScope =
  | { readonly of: 'all' }
  | { readonly of: 'pool'; readonly pool: string }
  | { readonly of: 'node'; readonly node: string }
  | { readonly of: 'device'; readonly device: string };

export interface GapEnded extends FactBase {
  readonly kind: 'gap-ended';
  readonly gap: string;
}

/** Shares are kept free for somebody from now on. */
export interface ReservationBegan extends FactBase {
  readonly kind: 'reservation-began';
  readonly reservation: string;
  readonly holds: readonly Hold[];
  readonly owner: Owner | null;
}

export interface ReservationEnded extends FactBase {
  readonly kind: 'reservation-ended';
  readonly reservation: string;
}

/** Somebody other than the control plane (kubelet, DCGM, the driver) saw a holder on a share from `fromMonotonicMs` to `at`. */
export interface HolderSighted extends FactBase {
  readonly kind: 'holder-sighted';
  readonly device: string;
  readonly slot: string;
  /** The claim that the holder is; any other text is a holder without a claim. */
  readonly holder: string;
  readonly fromMonotonicMs: number;
}

/**
 * What the processes of a replica used of a device from `fromMonotonicMs` up to `at`. Who reads counters records what they grew by;
 * a counter that went back began anew.
 */
export interface UseMeasured extends FactBase {
  readonly kind: 'use-measured';
  readonly claim: string;
  readonly device: string;
  readonly fromMonotonicMs: number;
  /** Milliseconds of one core or one accelerator: on two cores it may be twice the time that passed. */
  readonly usedMs: number;
}

/** Terms of one scaling decision, in replicas. It stands until the next one of the service and environment. */
export interface ScalingDecided extends FactBase {
  readonly kind: 'scaling-decided';
  readonly service: string;
  readonly environment: string;
  readonly terms: IdleTerms;
}

/** Numbers of replicas that a decision added up or took the largest of. */
export interface IdleTerms {
  /** That the present demand needs. */
  readonly demand: number;
  readonly minReplicas: number;
  /** Wanted before the warm pool is added: forecast, floor and what is held until less was wanted for long enough. */
  readonly ahead: number;
  readonly warmPool: number;
}

/** What happened, as it was recorded; nothing in it is derived. */
export type LedgerFact =
  | DeviceAppeared
  | DeviceGone
  | LayoutChanged
  | ClaimBegan
  | ClaimChanged
  | ClaimRole
  | WorkAccount
  | GapBegan
  | GapEnded
  | ReservationBegan
  | ReservationEnded
  | HolderSighted
  | UseMeasured
  | ScalingDecided;
