/** Limits by labels that were asked for, with and without the model's own scores, on days of flights. */
import { planDigestOf } from '../../src/core/monitoring/asked/ask.ts';
import { askedLimits, noAsked, takeAsk } from '../../src/core/monitoring/asked/asked-state.ts';
import { chooseAsked, type AskCandidate } from '../../src/core/monitoring/asked/choose-asked.ts';
import type { LabelPlan } from '../../src/core/monitoring/labels/label-plan.ts';
import type { Truth } from '../../src/core/monitoring/labels/row-loss.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import type { Flight } from './flights.ts';

/** Labels of a day that somebody gives. */
export const askedPerDay = 30;
const dayMs = 86_400_000;
const length = 365;
const lookAt = [30, 90, 365];

export interface AskedFigures {
  readonly labels: string;
  readonly covered: number;
  readonly runs: number;
  /** Mean width after 30, 90 and 365 days. */
  readonly widths: readonly number[];
}

/** Coverage: in how many years the limits always hold the mean risk of the days so far, which is what they are of. */
export function measureAsked(days: readonly (readonly Flight[])[], runs: number): readonly AskedFigures[] {
  const score = calibrate(days);
  const own = days.map((flights) => dayOf(rowsOf(flights, score)));
  const methods: readonly [string, readonly Day[]][] = [
    ['alone, drawn uniformly', own.map(({ rows }) => dayOf(rows.map((row) => ({ ...row, confidence: null }))))],
    ['with scores', own],
    ['with scores that are twice as sure as they should be', own.map(({ rows }) => dayOf(rows.map(halveDoubt)))],
  ];
  return methods.map(([labels, all]) => {
    let covered = 0;
    const widths = lookAt.map(() => 0);
    for (let run = 0; run < runs; run += 1) {
      const { held, seen } = measureYear(all, seededRandom(20_000 + run));
      covered += Number(held);
      seen.forEach((width, at) => (widths[at] = (widths[at] ?? 0) + width / runs));
    }
    return { labels, covered, runs, widths };
  });
}

interface Day {
  readonly rows: readonly Row[];
  readonly truths: ReadonlyMap<string, Truth>;
  readonly low: number;
  readonly high: number;
}
type Row = AskCandidate & { readonly truth: Truth | null };

const plan: LabelPlan = {
  ...{ releases: [1], withinMs: dayMs, cohortMs: dayMs, unknown: [] },
  metrics: [{ metric: 'accuracy', worst: 1, evaluated: null, limit: null, noLimitBecause: null }],
};
const about = { by: 'bench', bets: true, lastBettingMs: null, releases: [1], planDigest: planDigestOf(plan), toSeq: 0 };

function measureYear(
  all: readonly Day[],
  random: Random,
): { readonly held: boolean; readonly seen: readonly number[] } {
  let state = noAsked(plan);
  let held = true;
  let [low, high] = [0, 0];
  const seen: number[] = [];
  for (let day = 1; day <= length; day += 1) {
    const { rows, truths, ...truth } = all[random.nextBelow(all.length)] as Day;
    [low, high] = [low + truth.low, high + truth.high];
    const drawn = chooseAsked(rows, askedPerDay, () => random.nextShare());
    state = takeAsk(
      state,
      plan,
      { ...about, ...drawn, askId: String(day), askedAtMs: day * dayMs },
      truths,
      day * dayMs,
    );
    const [metric] = state.metrics;
    if (metric === undefined) continue;
    const limits = askedLimits(metric, 1, 0.025);
    held &&= limits.low <= low / day && limits.high >= high / day;
    if (lookAt.includes(day)) seen.push(limits.high - limits.low);
  }
  return { held, seen };
}

function dayOf(rows: readonly Row[]): Day {
  const truths = new Map(rows.flatMap(({ requestId, truth }) => (truth === null ? [] : [[requestId, truth] as const])));
  const wrong = rows.filter(
    ({ truth, prediction }) => truth !== null && 'label' in truth && truth.label !== prediction,
  );
  return {
    rows,
    truths,
    low: wrong.length / rows.length,
    high: (wrong.length + rows.length - truths.size) / rows.length,
  };
}

const rowsOf = (flights: readonly Flight[], confidenceOf: (flight: Flight) => number): readonly Row[] =>
  flights.map((flight, seq) => ({
    ...{ requestId: String(seq), atMs: 0, seq, prediction: flight.predicted, confidence: confidenceOf(flight) },
    truth: flight.truth === null ? null : { label: flight.truth },
  }));

const halveDoubt = (row: Row): Row => ({
  ...row,
  confidence: row.confidence === null ? null : 1 - (1 - row.confidence) / 2,
});

/** The share of right predictions by minutes of delay at departure: a calibrated score, as a model has one. */
function calibrate(days: readonly (readonly Flight[])[]): (flight: Flight) => number {
  const bins = new Map<number, { right: number; all: number }>();
  const binOf = ({ departureDelay }: Flight): number => Math.max(-10, Math.min(60, Math.floor(departureDelay / 3) * 3));
  for (const flight of days.flat()) {
    if (flight.truth === null) continue;
    const bin = bins.get(binOf(flight)) ?? { right: 0, all: 0 };
    bin.all += 1;
    bin.right += Number(flight.truth === flight.predicted);
    bins.set(binOf(flight), bin);
  }
  return (flight) => {
    const { right, all } = bins.get(binOf(flight)) ?? { right: 1, all: 1 };
    return right / all;
  };
}
