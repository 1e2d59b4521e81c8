import type { Phase } from '../../contract/contract.ts';
import type { TimedPhases } from '../../coldstart/start-account.ts';
import { accountStart, phaseLabel } from '../../coldstart/start-account.ts';
import { shortening } from '../../coldstart/start-advice.ts';
import { isRead, makeReading, makeShare, makeUnknown, mapReading, type Reading } from '../readings/reading.ts';

/** What one phase of a start can be bound by. */
export const startBounds = ['network', 'disk', 'decompression', 'cpu'] as const;
export type StartBound = (typeof startBounds)[number];

/** What was seen while a phase lasted. Bytes are of the whole phase. */
export interface PhaseReadings {
  readonly receivedBytes: Reading;
  readonly diskReadBytes: Reading;
  /** Processor time of the busiest thread, of one core. */
  readonly busiestThreadShare: Reading;
  /** Compressed bytes that were unpacked. */
  readonly unpackedBytes: Reading;
}

/** What the node can do, measured on it. A data sheet is no ceiling. */
export interface NodeCeilings {
  readonly networkBytesPerSecond: Reading;
  readonly diskBytesPerSecond: Reading;
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
  /** Time that the phase would take at the ceiling of what binds it; null where nothing does. */
  readonly atCeilingMs: number | null;
  /** Most effective first. */
  readonly helps: readonly string[];
}

/** From this share of a ceiling on a phase is bound by it. The copy ceiling of PCIe has the same line. */
const boundShare = 0.7;
/** A thread is bound by its core from here on. */
const boundThreadShare = 0.9;

/** Ceilings of a node on which nothing was measured. */
export const unmeasuredCeilings: NodeCeilings = {
  networkBytesPerSecond: makeUnknown('the network of the node was not measured'),
  diskBytesPerSecond: makeUnknown('the disk of the node was not measured'),
  unpackedBytesPerSecond: makeUnknown('unpacking was not measured on the node'),
};

const unread: PhaseReadings = {
  receivedBytes: makeUnknown('the start was not looked at while it ran'),
  diskReadBytes: makeUnknown('the start was not looked at while it ran'),
  busiestThreadShare: makeUnknown('the start was not looked at while it ran'),
  unpackedBytes: makeUnknown('the start was not looked at while it ran'),
};

/** What helps against each bound, before what helps the phase whatever binds it (`shortening`). Inferred, 2026-11. */
const against: Readonly<Record<StartBound, string>> = {
  network: 'fetch over several connections at once, or from a place nearer to the node',
  disk: 'map large files instead of reading them, and read in the order in which they lie',
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
 * | bytes unpacked a second | 70% of what one core unpacks | decompression |
 * | busiest thread | 90% of a core | cpu |
 *
 * Rows are asked in this order; an unknown reading binds nothing, and the others are asked all the same.
 *
 * @param readings of a phase by `phaseLabel`; a phase without readings keeps its time.
 */
export function diagnoseStart(
  phases: readonly TimedPhases[],
  readyAfterMs: number,
  readings: ReadonlyMap<string, PhaseReadings>,
  ceilings: NodeCeilings,
): StartDiagnosis {
  const account = accountStart(phases, readyAfterMs);
  const diagnosed = account.phases.map((phase) =>
    diagnosePhase(phase, readyAfterMs, readings.get(phaseLabel(phase.phases)) ?? unread, ceilings),
  );
  return {
    readyAfterMs,
    unaccountedMs: account.unaccountedMs,
    phases: diagnosed,
    longest: diagnosed.toSorted((a, b) => b.durationMs - a.durationMs)[0] ?? null,
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
    atCeilingMs: boundBy === null || !isRead(use) ? null : durationMs * Math.min(1, use.value),
    helps: [...(boundBy === null ? [] : [against[boundBy]]), ...shortening(phases, 'node-disk')],
  };
}

const isBound = (bound: StartBound, use: Reading): boolean =>
  isRead(use) && use.value >= (bound === 'cpu' ? boundThreadShare : boundShare);
