import type { Phase } from '../../contract/contract.ts';
import type { TimedPhases } from '../../coldstart/start-account.ts';
import { accountStart } from '../../coldstart/start-account.ts';
import { shortening } from '../../coldstart/start-advice.ts';
import { isRead, makeReading, makeShare, makeUnknown, mapReading, type Reading } from '../readings/reading.ts';

/** What one phase of a start can be bound by. */
export const startBounds = ['network', 'disk', 'page-cache', 'decompression', 'cpu'] as const;
export type StartBound = (typeof startBounds)[number];

/** What was seen while a phase lasted. Bytes are of the whole phase. */
export interface PhaseReadings {
  /** Read from files, wherever the bytes were. */
  readonly fileBytes: Reading;
  readonly receivedBytes: Reading;
  readonly diskReadBytes: Reading;
  /** Read from files that the page cache held. */
  readonly cachedReadBytes: Reading;
  /** Processor time of the busiest thread, of one core. */
  readonly busiestThreadShare: Reading;
  /** Compressed bytes that were unpacked. */
  readonly unpackedBytes: Reading;
}

/** What the node can do, measured on it. A data sheet is no ceiling. */
export interface NodeCeilings {
  readonly networkBytesPerSecond: Reading;
  /** Of a cold read of a file. */
  readonly diskBytesPerSecond: Reading;
  /** Of a read of a file that the page cache holds. */
  readonly cachedBytesPerSecond: Reading;
  /** Of one core. */
  readonly unpackedBytesPerSecond: Reading;
}

export interface StartDiagnosis {
  readonly readyAfterMs: number;
  readonly unaccountedMs: number;
  /** In the order of the phases. */
  readonly phases: readonly PhaseDiagnosis[];
  /** The longest of them; null where none was timed. */
  readonly longest: PhaseDiagnosis | null;
  /** When the ceilings were measured, Unix milliseconds; null where they were not. */
  readonly ceilingsAtMs: number | null;
  /** The command that measures what is missing to say what a phase was bound by; null where nothing is. */
  readonly measureNext: string | null;
}

export interface PhaseDiagnosis {
  readonly phases: readonly Phase[];
  readonly durationMs: number;
  /** Of the whole start. */
  readonly share: number;
  /** Null: nothing that was read is near its ceiling, or nothing was read. */
  readonly boundBy: StartBound | null;
  /** Use of each ceiling; 0.7 of the network is 70% of what the node can receive. */
  readonly uses: Readonly<Record<StartBound, Reading>>;
  /** What was read from files, held against the storage of the node; null where the phase read none, or nothing tells it. */
  readonly storage: StorageUse | null;
  /** Time that the phase would take at the ceiling of what binds it; null where nothing does. */
  readonly atCeilingMs: number | null;
  /** Most effective first. */
  readonly helps: readonly string[];
}

/** How near the reads of a phase are to what the storage of the node gives. */
export interface StorageUse {
  /** Null where nothing tells the disk and the page cache apart. */
  readonly from: 'disk' | 'page-cache' | null;
  readonly bytesPerSecond: number;
  /** The measured read; unknown with its reason. */
  readonly atMost: Reading;
  /** Of the measured read, 0 to 1. */
  readonly use: Reading;
}

/** From this share of a ceiling on a phase is bound by it. The copy ceiling of PCIe has the same line. */
const boundShare = 0.7;
/** A thread is bound by its core from here on. */
const boundThreadShare = 0.9;

/** Ceilings of a node on which nothing was measured. */
export const unmeasuredCeilings: NodeCeilings = {
  networkBytesPerSecond: makeUnknown('the network of the node was not measured'),
  diskBytesPerSecond: makeUnknown('the disk of the node was not measured'),
  cachedBytesPerSecond: makeUnknown('the page cache of the node was not measured'),
  unpackedBytesPerSecond: makeUnknown('unpacking was not measured on the node'),
};

const untold = makeUnknown('the server does not tell what this phase used');

/** Readings of a phase of which nothing is known. */
export const unreadPhase: PhaseReadings = {
  fileBytes: untold,
  receivedBytes: untold,
  diskReadBytes: untold,
  cachedReadBytes: untold,
  busiestThreadShare: untold,
  unpackedBytes: untold,
};

const measureStorage = 'plimsoll probe --active --files FOLDER (that of the model), on the node of the replica';

/** What helps against each bound, before what helps the phase whatever binds it (`shortening`). Inferred, 2026-11. */
const against: Readonly<Record<StartBound, string>> = {
  network: 'fetch over several connections at once, or from a place nearer to the node',
  disk: 'keep the files in the page cache, or on a faster local disk: the disk gives no more than it did',
  'page-cache': 'map large files, or read them by several threads: one thread copies no faster from the page cache',
  decompression: 'store weights and layers unpacked, or packed by zstd, which unpacks on several cores',
  cpu: 'give the start more processor time: a quota or few cores hold it back',
};

/**
 * Says of each phase of a start what it was bound by, and how far that was from the ceiling of the node.
 *
 * | reading | line | bound by |
 * |---|---|---|
 * | bytes received a second | 70% of the measured network | network |
 * | bytes read from disks a second | 70% of the measured disk | disk |
 * | bytes read from the page cache a second | 70% of the measured cached read | page-cache |
 * | bytes unpacked a second | 70% of what one core unpacks | decompression |
 * | busiest thread | 90% of a core | cpu |
 *
 * Rows are asked in this order; an unknown reading binds nothing, and the others are asked all the same.
 *
 * @param readingsOf a phase of which nothing is known (`unreadPhase`) keeps its time.
 * @param ceilingsAtMs when the ceilings were measured, Unix milliseconds.
 */
export function diagnoseStart(
  phases: readonly TimedPhases[],
  readyAfterMs: number,
  readingsOf: (phase: TimedPhases) => PhaseReadings,
  ceilings: NodeCeilings,
  ceilingsAtMs: number | null = null,
): StartDiagnosis {
  const account = accountStart(phases, readyAfterMs);
  const diagnosed = account.phases.map((phase) => diagnosePhase(phase, readyAfterMs, readingsOf(phase), ceilings));
  const isUnmeasured = diagnosed.some(({ storage }) => storage !== null && !isRead(storage.atMost));
  return {
    readyAfterMs,
    unaccountedMs: account.unaccountedMs,
    phases: diagnosed,
    longest: diagnosed.toSorted((a, b) => b.durationMs - a.durationMs)[0] ?? null,
    ceilingsAtMs,
    measureNext: isUnmeasured ? measureStorage : null,
  };
}

function diagnosePhase(
  { phases, durationMs }: TimedPhases,
  readyAfterMs: number,
  readings: PhaseReadings,
  ceilings: NodeCeilings,
): PhaseDiagnosis {
  const rateOf = (bytes: Reading): Reading =>
    durationMs > 0 ? mapReading(bytes, (sum) => (sum * 1_000) / durationMs) : makeUnknown('the phase took no time');
  const useOf = (bytes: Reading, ceiling: Reading): Reading =>
    makeShare(rateOf(bytes), ceiling, 'the ceiling is told as 0');
  const uses: Record<StartBound, Reading> = {
    network: useOf(readings.receivedBytes, ceilings.networkBytesPerSecond),
    disk: useOf(readings.diskReadBytes, ceilings.diskBytesPerSecond),
    'page-cache': useOf(readings.cachedReadBytes, ceilings.cachedBytesPerSecond),
    decompression: useOf(readings.unpackedBytes, ceilings.unpackedBytesPerSecond),
    cpu: readings.busiestThreadShare,
  };
  const boundBy = startBounds.find((bound) => isBound(bound, uses[bound])) ?? null;
  const use = boundBy === null ? makeReading(1) : uses[boundBy];
  return {
    phases,
    durationMs,
    share: readyAfterMs > 0 ? Math.min(1, durationMs / readyAfterMs) : 0,
    boundBy,
    uses,
    storage: storageUse(
      {
        disk: rateOf(readings.diskReadBytes),
        'page-cache': rateOf(readings.cachedReadBytes),
        any: rateOf(readings.fileBytes),
      },
      ceilings,
      uses,
    ),
    atCeilingMs: boundBy === null || !isRead(use) ? null : durationMs * Math.min(1, use.value),
    helps: [...(boundBy === null ? [] : [against[boundBy]]), ...shortening(phases, 'node-disk')],
  };
}

const isBound = (bound: StartBound, use: Reading): boolean =>
  isRead(use) && use.value >= (bound === 'cpu' ? boundThreadShare : boundShare);

/** The slower of two places decides how long a read takes: the disk, where it gave any. Null where nothing was read, or nothing tells it. */
function storageUse(
  rates: Readonly<Record<'disk' | 'page-cache' | 'any', Reading>>,
  { diskBytesPerSecond, cachedBytesPerSecond }: NodeCeilings,
  uses: Readonly<Record<StartBound, Reading>>,
): StorageUse | null {
  const { disk, 'page-cache': cached, any } = rates;
  if (isRead(disk) && disk.value > 0) {
    return { from: 'disk', bytesPerSecond: disk.value, atMost: diskBytesPerSecond, use: uses.disk };
  }
  if (isRead(cached) && cached.value > 0) {
    return {
      ...{ from: 'page-cache', bytesPerSecond: cached.value },
      ...{ atMost: cachedBytesPerSecond, use: uses['page-cache'] },
    };
  }
  if (!isRead(any) || any.value === 0) return null;
  return { from: null, bytesPerSecond: any.value, atMost: diskBytesPerSecond, use: uses.disk };
}
