import { canonicalJson } from '../../units/digest.ts';
import type { LabelTally } from './label-memory.ts';
import type { Truth } from './row-loss.ts';

export interface ReceivedLabel {
  readonly requestId: string;
  readonly truth: Truth;
  /** When the truth was known, by the clock of whoever sends it; null where it is not said. */
  readonly atMs: number | null;
}

export interface StoredLabel {
  readonly requestId: string;
  readonly truth: Truth;
}

const requestIdAtMost = 200;

/** Whether every store keeps it as it is: short, without NUL, and no half of a character, so that no two ids become one. */
export const isRequestId = (text: string): boolean =>
  text !== '' && text.length <= requestIdAtMost && !text.includes('\0') && text.isWellFormed();

/** Clocks differ; a label that is further ahead is refused. */
export const futureToleranceMs = 300_000;
/** Labels that an answer names. */
const namedAtMost = 20;

export interface LabelsReceived {
  readonly tally: Pick<LabelTally, 'recorded' | 'repeated' | 'contradicted' | 'future' | 'unknown'>;
  /** Recorded, but no prediction of the request id is known yet. */
  readonly waiting: number;
  /** The first labels that were not taken as they came, with the reason. */
  readonly named: readonly { readonly requestId: string; readonly reason: string }[];
}

/** What is recorded already of the request ids of some labels. */
export interface KnownLabels {
  readonly labels: readonly StoredLabel[];
  readonly predicted: ReadonlySet<string>;
  /** How many more labels without a prediction there is room for. */
  readonly room: number;
}

/**
 * Sorts labels by what becomes of them. The first label of a request id stands, here as in the store.
 *
 * | label | becomes |
 * |---|---|
 * | its time is more than five minutes ahead | future: refused |
 * | the same as the one that stands | repeated: nothing changes |
 * | another one than the one that stands | contradicted: the first stands |
 * | no prediction of its request id, and no room | unknown: refused |
 * | else | recorded; it waits where the prediction is not known yet |
 */
export function sortLabels(
  received: readonly ReceivedLabel[],
  known: KnownLabels,
  nowMs: number,
): { readonly fresh: readonly StoredLabel[]; readonly answer: LabelsReceived } {
  const standing = new Map(known.labels.map(({ requestId, truth }) => [requestId, canonicalJson(truth)]));
  const tally = { recorded: 0, repeated: 0, contradicted: 0, future: 0, unknown: 0 };
  const fresh: StoredLabel[] = [];
  const named: { requestId: string; reason: string }[] = [];
  let waiting = 0;
  const name = (requestId: string, reason: string): void => {
    if (named.length < namedAtMost) named.push({ requestId, reason });
  };
  for (const { requestId, truth, atMs } of received) {
    const before = standing.get(requestId);
    const isPredicted = known.predicted.has(requestId);
    if (atMs !== null && atMs > nowMs + futureToleranceMs) {
      tally.future += 1;
      name(requestId, `the label is from the future: ${timeText(atMs)}`);
    } else if (before !== undefined) {
      const isSame = before === canonicalJson(truth);
      tally[isSame ? 'repeated' : 'contradicted'] += 1;
      if (!isSame) name(requestId, 'the label contradicts an earlier one, which stands');
    } else if (!isPredicted && waiting >= known.room) {
      tally.unknown += 1;
      name(requestId, 'no prediction of this request id is known, and too many labels wait for theirs');
    } else {
      tally.recorded += 1;
      standing.set(requestId, canonicalJson(truth));
      fresh.push({ requestId, truth });
      if (isPredicted) continue;
      waiting += 1;
      name(requestId, 'no prediction of this request id is known yet: the label waits for it for an hour');
    }
  }
  return { fresh, answer: { tally, waiting, named } };
}

const lastDateMs = 8.64e15;
/** A date has no text beyond the year 275,760. */
const timeText = (atMs: number): string =>
  atMs <= lastDateMs ? new Date(atMs).toISOString() : `${atMs} milliseconds since 1970`;
