import type { Besides, NamedAnswer, Sign, TriageAnswer } from './answer.ts';
import type { Observations } from './observations.ts';
import { describeSigns } from './signs.ts';

/** Looks at an alarm since its cause was named. */
export interface Looks {
  readonly times: number;
  /** When the last of them was, or when the cause was named. */
  readonly atMs: number;
}

const firstAgainMs = 120_000;
/** The last of them comes about four hours after the cause was named. */
export const looksAtMost = 7;

/**
 * Whether an alarm is to be looked at now. One without a named cause always is. Another is looked at again 2, 4, 8, ... minutes
 * after the look before, and as soon as another alarm was raised; seven times at most. A clock that steps back waits for nothing.
 */
export function isLookDue(
  { diagnosis, looks }: { readonly diagnosis?: TriageAnswer; readonly looks?: Looks },
  newestAlarmMs: number,
  nowMs: number,
): boolean {
  if (diagnosis?.verdict !== 'named') return true;
  if (looks === undefined) return true;
  if (looks.times >= looksAtMost) return false;
  const waitedMs = nowMs - looks.atMs;
  return newestAlarmMs > looks.atMs || waitedMs < 0 || waitedMs >= firstAgainMs * 2 ** looks.times;
}

/** The looks after one more; absent while no cause is named. */
export function countLook(
  before: { readonly diagnosis?: TriageAnswer; readonly looks?: Looks },
  { verdict }: TriageAnswer,
  nowMs: number,
): Looks | undefined {
  if (verdict !== 'named') return undefined;
  return { times: before.diagnosis?.verdict === 'named' ? (before.looks?.times ?? 0) + 1 : 0, atMs: nowMs };
}

/**
 * What is said of an alarm after another look: what was named first stays, unless what is seen now contradicts it.
 *
 * | named before | now | answer |
 * |---|---|---|
 * | nothing | any | now |
 * | causes | names all of them | now |
 * | causes, of which one is contradicted | names others | now, and those that are not contradicted |
 * | causes | names others | all of them |
 * | causes | abstains, by signs that they do not explain | before; besides, what would decide |
 * | causes | else | before |
 *
 * A fault that passed is no contradiction: golden replays that pass again do not say why they failed.
 */
export function reviewAnswer(
  before: TriageAnswer | undefined,
  now: TriageAnswer,
  observed: Pick<Observations, 'replicas' | 'inputs' | 'quality'>,
): TriageAnswer {
  if (before?.verdict !== 'named' || now.verdict === 'nothing') return before?.verdict === 'named' ? before : now;
  if (now.verdict === 'abstains') return addBesides(before, now);
  const rest = before.causes.filter(
    (each) => !now.causes.some(({ cause }) => cause === each.cause) && !isContradicted(each, observed),
  );
  if (rest.length === 0) return now;
  const { besides, ...named } = now;
  // What was hidden from this look was seen by one before.
  const isTold = rest.some(({ cause }) => cause === 'data' || cause === 'concept');
  return {
    ...named,
    causes: [...rest, ...now.causes],
    signs: [...new Set([...before.signs, ...now.signs])],
    ...(besides === undefined || isTold ? {} : { besides }),
  };
}

type NamedCause = NamedAnswer['causes'][number];

function isContradicted(
  { cause, replicas }: NamedCause,
  { replicas: control, inputs, quality }: Parameters<typeof reviewAnswer>[2],
): boolean {
  switch (cause) {
    case 'node':
      return control.verdict === 'named' && control.arm !== null && !replicas.includes(control.arm);
    case 'data':
      return inputs.verdict === 'stable';
    case 'concept':
      return quality.verdict === 'held';
    case 'runtime':
    case 'artifact':
    case 'routing':
      return false;
  }
}

const ofAnswers: readonly Sign[] = ['outputs-moved', 'quality-fell'];
const ofReplicas: readonly Sign[] = [...ofAnswers, 'golden-fails', 'golden-failed-once', 'replicas-differ'];
/** What a cause explains at most, whatever else is known. */
const explained: Readonly<Record<NamedCause['cause'], readonly Sign[]>> = {
  node: [...ofReplicas, 'hardware-error'],
  runtime: ofReplicas,
  artifact: [...ofReplicas, 'files-differ'],
  data: [...ofAnswers, 'inputs-moved'],
  concept: ['quality-fell'],
  routing: ['traffic-differs'],
};

function addBesides(before: NamedAnswer, now: Extract<TriageAnswer, { verdict: 'abstains' }>): TriageAnswer {
  const known = [...before.signs, ...before.causes.flatMap(({ cause }) => explained[cause])];
  const fresh = now.signs.filter((sign) => !known.includes(sign));
  if (fresh.length === 0) return before;
  const besides: Besides = { why: `${describeSigns(fresh)}; no cause of this is proven`, decides: now.decides };
  return { ...before, besides };
}
