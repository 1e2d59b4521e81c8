import type { Cause, Suspicion } from '../cause.ts';
import { isRead } from '../readings/reading.ts';
import type { ReadingName, WindowReadings } from '../readings/window-readings.ts';
import { causeOrder } from './cause-order.ts';
import { formatReading, holdAgainst, type LineAnswer, type OrderRow } from './order-row.ts';

/** What the readings of a window say of every cause. */
export interface Suspicions {
  /** In the order of questions; one a cause, the stronger where two rows point at the same. */
  readonly suspected: readonly Suspicion[];
  /** Causes that the readings speak against, with the numbers. */
  readonly cleared: readonly { readonly cause: Cause; readonly reason: string }[];
  /** Causes that nothing is known of, with what was not read and why. */
  readonly notRead: readonly NotRead[];
  readonly engine: EngineState;
}

export interface NotRead {
  readonly cause: Cause;
  readonly missing: readonly { readonly reading: ReadingName; readonly reason: string }[];
}

/** How busy what computes is. `GPU_UTIL` is no part of it: a link that was stuck read 100% for hours. */
export interface EngineState {
  readonly activity: 'busy' | 'between' | 'idle' | 'unknown';
  readonly reason: string;
}

/** From here on the engine is busy; below `idleShare` it is not used well. Source: DCGM user guide, profiling metrics, 2026-11. */
const busyShare = 0.8;
const idleShare = 0.5;
/** An engine that is busy with batches emptier than this takes more requests in the same time: it is not the limit yet. */
const filledShare = 0.8;

/** Readings of accelerators alone. */
const deviceReadings: ReadonlySet<ReadingName> = new Set([
  'smActiveShare',
  'dramActiveShare',
  'harmfullyThrottledDevices',
  'clockShare',
  'linkGenerationShare',
  'linkWidthShare',
  'busUseShare',
  'devicesOnOtherNumaNode',
  'devicesToBeReset',
  'devicesWithoutPeers',
]);

/**
 * Which causes the readings of a window point at, in the order of `causeOrder`. A suspicion names no cause: an experiment does.
 *
 * | readings of a row | answer |
 * |---|---|
 * | the row asks of accelerators, and there is none | cleared |
 * | the engine is busy, and that clears the row | cleared |
 * | a line is crossed, and all beside it hold | suspected |
 * | one beside it is known not to hold | cleared |
 * | one of `unless` is known to be crossed | cleared: another cause explains the same signs |
 * | no line is crossed, and all were read | cleared |
 * | anything else | not read: unknown never suspects, and never clears |
 */
export function suspectCauses(readings: WindowReadings): Suspicions {
  const engine = judgeEngine(readings);
  const answers = causeOrder.map((row) => ({ row, answer: answerRow(row, readings, engine) }));
  const suspected: Suspicion[] = [];
  const cleared: { cause: Cause; reason: string }[] = [];
  const notRead: NotRead[] = [];
  for (const cause of new Set(causeOrder.map((row) => row.cause))) {
    const rows = answers.filter(({ row }) => row.cause === cause);
    const suspicions = rows.flatMap(({ row, answer }) =>
      answer.kind === 'suspected' ? [{ ...{ cause, experiment: row.experiment }, ...strengthOf(answer) }] : [],
    );
    const strongest = suspicions.toSorted((a, b) => b.strength - a.strength)[0];
    const missing = rows.flatMap(({ answer }) => (answer.kind === 'not-read' ? answer.missing : []));
    if (strongest !== undefined) suspected.push(strongest);
    else if (missing.length > 0) notRead.push({ cause, missing: uniqueByReading(missing) });
    else cleared.push({ cause, reason: rows.map(({ answer }) => reasonOf(answer)).join('; ') });
  }
  return { suspected, cleared, notRead, engine };
}

type RowAnswer =
  | { readonly kind: 'suspected'; readonly strength: number; readonly reason: string }
  | { readonly kind: 'cleared'; readonly reason: string }
  | { readonly kind: 'not-read'; readonly missing: NotRead['missing'] };

function answerRow(row: OrderRow, readings: WindowReadings, engine: EngineState): RowAnswer {
  if (engine.activity === 'busy' && isClearedByBusy(row, readings)) return { kind: 'cleared', reason: engine.reason };
  if (readings.engine === 'cpu' && row.lines.every(({ reading }) => deviceReadings.has(reading))) {
    return { kind: 'cleared', reason: 'the replica has no accelerator' };
  }
  const lines = answerLines(row, readings);
  const beside = row.beside.map((line) => holdAgainst(line, readings));
  const against = beside.find((one) => one.kind === 'not-crossed');
  if (against !== undefined) return { kind: 'cleared', reason: against.text };
  const other = row.unless.map((line) => holdAgainst(line, readings)).find((one) => one.kind === 'crossed');
  if (other !== undefined) return { kind: 'cleared', reason: `explained by another sign: ${other.text}` };
  const crossed = lines.filter((one) => one.kind === 'crossed').toSorted((a, b) => b.strength - a.strength);
  const [strongest] = crossed;
  const missing = [...lines, ...beside].flatMap((one) => (one.kind === 'unknown' ? [one] : []));
  const besideMissing = beside.some((one) => one.kind === 'unknown');
  if (strongest !== undefined && !besideMissing) {
    const reason = [...crossed, ...beside].flatMap((one) => (one.kind === 'crossed' ? [one.text] : [])).join('; ');
    return { kind: 'suspected', strength: strongest.strength, reason: `${reason}${wordsOf(row.cause, readings)}` };
  }
  if (missing.length > 0)
    return { kind: 'not-read', missing: missing.map(({ reading, reason }) => ({ reading, reason })) };
  return { kind: 'cleared', reason: lines.flatMap(textOf).join('; ') };
}

/** The lines that decide. Where none of several was read, all of them are told. */
function answerLines({ lines, decides }: OrderRow, readings: WindowReadings): readonly LineAnswer[] {
  const answers = lines.map((line) => holdAgainst(line, readings));
  const first = answers.find(({ kind }) => kind !== 'unknown');
  return decides === 'first-read' && first !== undefined ? [first] : answers;
}

function isClearedByBusy({ busyEngine }: OrderRow, { engine }: WindowReadings): boolean {
  if (busyEngine === 'nothing') return false;
  return busyEngine === 'clears' || engine === 'accelerator';
}

/**
 * SM activity of an accelerator; of a processor the share of time in which the engine computes.
 *
 * | activity | batches | engine |
 * |---|---|---|
 * | at least 80% | filled to less than 80% | `between`: it runs small batches all the time, because few requests reach it |
 * | at least 80% | fuller, or not told | `busy` |
 * | 50 to 80% | any | `between` |
 * | below 50% | any | `idle` |
 */
function judgeEngine({ engine, values }: WindowReadings): EngineState {
  const name = engine === 'accelerator' ? 'smActiveShare' : 'engineRunShare';
  const reading = values[name];
  if (!isRead(reading)) return { activity: 'unknown', reason: reading.unknown };
  const of = engine === 'accelerator' ? 'the accelerator is active' : 'the engine computes';
  const reason = `${of} for ${formatReading(name, reading)} of the time`;
  if (reading.value >= busyShare) {
    const fill = values.batchFillShare;
    if (!isRead(fill) || fill.value >= filledShare) return { activity: 'busy', reason };
    const filled = formatReading('batchFillShare', fill);
    return { activity: 'between', reason: `${reason}, with batches filled to ${filled}` };
  }
  return { activity: reading.value < idleShare ? 'idle' : 'between', reason };
}

/** What the numbers are of, where that helps. */
function wordsOf(cause: Cause, { words }: WindowReadings): string {
  if (cause === 'cpu-thread' && words.busiestThread !== null) return `; thread: ${words.busiestThread}`;
  if (cause === 'throttled' && words.throttleReasons.length > 0)
    return `; reasons: ${words.throttleReasons.join(', ')}`;
  if (cause === 'storage' && words.busiestDisk !== null) return `; disk: ${words.busiestDisk}`;
  return '';
}

const strengthOf = ({ strength, reason }: Extract<RowAnswer, { kind: 'suspected' }>) => ({ strength, reason });
const reasonOf = (answer: RowAnswer): string => (answer.kind === 'not-read' ? '' : answer.reason);
const textOf = (answer: LineAnswer): readonly string[] => (answer.kind === 'unknown' ? [] : [answer.text]);

function uniqueByReading(missing: NotRead['missing']): NotRead['missing'] {
  return missing.filter(({ reading }, at) => missing.findIndex((one) => one.reading === reading) === at);
}
