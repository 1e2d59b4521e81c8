import type { DeviceUnit } from '../row.ts';
import type { IdleCause, LedgerState } from '../state.ts';

/** Time that does no work, as the account labels it. */
export interface LabelledTime {
  readonly unit: DeviceUnit;
  readonly state: LedgerState;
  readonly cause: IdleCause | null;
}

export interface IdleChange {
  /** Keys of the contract that the change is about; none where no contract changes it. */
  readonly keys: readonly string[];
  /** What to change, as a sentence. Keys and commands stand in backticks. */
  readonly change: string;
}

/**
 * Returns what would remove time that does no work; null for states in which a replica works, starts or ends, and for
 * `unattributable`. The first row that matches decides:
 *
 * | state | cause | keys of the contract |
 * |---|---|---|
 * | idle | min-replicas | scaling.replicas.min |
 * | idle | warm-pool | scaling.warmPool |
 * | idle | keep-previous | rollout.keepPrevious |
 * | idle | start-ahead | objective.latency |
 * | idle | asleep | scaling.sleep.replicas |
 * | idle | fragmentation | none |
 * | idle | no-demand, on an accelerator | hardware.sharing |
 * | idle | no-demand, on cores | hardware.host.cpus |
 * | idle | not-recorded, or none | none: no decision tells why |
 * | reserved, stranded, unallocated | any | none: a change of the pool |
 */
export function findChange({ unit, state, cause }: LabelledTime): IdleChange | null {
  switch (state) {
    case 'idle':
      return changeOfIdle(cause ?? 'not-recorded', unit);
    case 'reserved':
      return { keys: [], change: 'Release the reservation, or use it.' };
    case 'stranded':
      return { keys: [], change: fragmentedChange };
    case 'unallocated':
      return { keys: [], change: unallocatedChange[unit] };
    case 'serving':
    case 'loading':
    case 'draining':
    case 'unattributable':
      return null;
  }
}

function changeOfIdle(cause: IdleCause, unit: DeviceUnit): IdleChange {
  switch (cause) {
    case 'min-replicas':
      return {
        keys: ['scaling.replicas.min'],
        change: 'Lower `scaling.replicas.min`. 0 needs `scaling.toZero: when-proven`.',
      };
    case 'warm-pool':
      return { keys: ['scaling.warmPool'], change: 'Lower `scaling.warmPool`.' };
    case 'keep-previous':
      return {
        keys: ['rollout.keepPrevious'],
        change: 'Shorten `rollout.keepPrevious`. A rollback after that waits for a start.',
      };
    case 'start-ahead':
      return {
        keys: ['objective.latency'],
        change:
          'Make starts faster (`plimsoll coldstart` says which phase takes long), or allow more latency (`objective.latency`).',
      };
    case 'asleep':
      return {
        keys: ['scaling.sleep.replicas'],
        change: 'Lower `scaling.sleep.replicas`, or let others use the device.',
      };
    case 'fragmentation':
      return { keys: [], change: fragmentedChange };
    case 'no-demand':
      return unit === 'accelerator'
        ? { keys: ['hardware.sharing'], change: 'Let other services use the device too (`hardware.sharing`).' }
        : { keys: ['hardware.host.cpus'], change: 'Reserve fewer cores (`hardware.host.cpus`).' };
    case 'not-recorded':
      return { keys: [], change: 'No scaling decision says why the replica runs. See `plimsoll scale status`.' };
  }
}

const fragmentedChange = 'Change the MIG layout or the placement. See `plimsoll pack`.';

const unallocatedChange: Readonly<Record<DeviceUnit, string>> = {
  accelerator: 'Take devices out of the pool, or release services on them. See `plimsoll pack`.',
  core: 'Use fewer or smaller nodes, or release services on them.',
};
