import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import { PlimsollError } from '../../units/errors.ts';

/** `monitoring.falseAlarms`: at most `count` false alarms are to be expected in `perMs` of watched time. */
export interface FalseAlarmRate {
  readonly count: number;
  readonly perMs: number;
}

/** One betting process. Its weight is chosen before the tick, from what happened before the tick. */
export interface BettingTerm {
  /** Unique in the budget: `control/confidence/replica-2`. */
  readonly id: string;
  /** Feature, or aggregate where `group` is null. */
  readonly name: string;
  readonly group: string | null;
  /** Of a slice: the feature of all rows. Where an alarm named that, the slice would only say the same again. */
  readonly of?: { readonly name: string; readonly group: string };
  /** Replica or release that the process bets on; null where the process compares none. */
  readonly arm: string | null;
  /** Share of the capital of each tick. Weights of one tick sum to at most 1. */
  readonly weight: number;
  /** How many bets of different size the process holds; each gets the same part of the weight. */
  readonly stakes: number;
}

/**
 * One multiplier for each stake of each term, by the term's id. A term that is absent had nothing to bet on: it keeps its
 * capital and gets none.
 */
export type Evidence = Readonly<Record<string, readonly number[]>>;

export interface AlarmName {
  readonly kind: 'feature' | 'group' | 'aggregate';
  readonly name: string;
}

export interface Alarm extends AlarmName {
  /** The arm with more than half of the named capital. Null where no arm has: of two arms no comparison tells which. */
  readonly arm: string | null;
  /** Capital of all terms at the crossing: 1 or more. */
  readonly statistic: number;
  /** Part of the capital that the named feature, group or aggregate holds. */
  readonly share: number;
}

/** All that the budget remembers; plain JSON, a few numbers for each term. */
export interface AlarmBudget {
  readonly capital: Readonly<Record<string, readonly number[]>>;
  /** Named by an alarm and not acknowledged: gets no capital and raises no alarm. */
  readonly latched: readonly AlarmName[];
  readonly watchedMs: number;
  /** Capital given out so far: the expected number of false alarms is at most this number. */
  readonly injected: number;
  /** Of it, what was given out since all capital was last taken. */
  readonly sinceAlarm: number;
  readonly alarms: number;
}

export interface BudgetTick {
  /** Watched time since the last tick. */
  readonly elapsedMs: number;
  readonly rate: FalseAlarmRate;
  readonly terms: readonly BettingTerm[];
  readonly evidence: Evidence;
}

/** A clock that steps forward gives out the capital of ten minutes, not of the whole step. */
export const longestTickMs = 600_000;
/** A larger multiplier counts as this one. A smaller multiplier is always fair. */
const largestMultiplier = 1e12;
/** An alarm needs this many times the capital that its terms were given: capital that only piled up proves nothing. */
const leastGrowth = 10;

export const emptyBudget: AlarmBudget = {
  capital: {},
  latched: [],
  watchedMs: 0,
  injected: 0,
  sinceAlarm: 0,
  alarms: 0,
};

/**
 * Moves the budget by one tick: gives out capital, multiplies it by the evidence, and raises an alarm where the capital
 * of all terms reaches 1 and the named part of it grew tenfold. Terms that are gone take their capital along; nobody
 * inherits it.
 *
 * Why at most T x count / perMs false alarms are to be expected in watched time T:
 *
 * 1. A tick adds elapsedMs x count / perMs x weight to each term, before it looks at the evidence of the tick. All terms
 *    together get at most elapsedMs x count / perMs, because the weights sum to at most 1.
 * 2. While nothing changed, each multiplier has a mean of at most 1 given the past. So the capital of all terms grows on
 *    average by at most what was added. This needs no independence between terms: a mean of a sum is a sum of means.
 * 3. An alarm takes at least 1 away, because all capital goes to 0. Dropped and latched terms only take away. An alarm
 *    that is held back for want of growth leaves the capital where it is.
 * 4. So the mean of (alarms so far + capital left) is at most all that was added. Capital is never negative.
 *
 * Source: the Shiryaev-Roberts e-detector of Shin, Ramdas, Rinaldo (arXiv 2203.03532), in rates in place of run lengths.
 * The bound is for alarms while nothing changed. After a real change of one feature another may be named along with it.
 *
 * @throws PlimsollError of category `bug` for a negative weight, weights that sum to more than 1, or an id twice.
 */
export function stepBudget(budget: AlarmBudget, tick: BudgetTick): { budget: AlarmBudget; alarm: Alarm | null } {
  checkTerms(tick.terms);
  const elapsedMs = countedMs(tick.elapsedMs);
  const given = capitalGiven(tick.elapsedMs, tick.rate);
  const capital = tick.terms.map((term) =>
    isLatched(budget, term)
      ? noCapital(term)
      : betCapital(budget.capital[term.id], term, given, tick.evidence[term.id]),
  );
  const sinceAlarm = budget.sinceAlarm + given;
  const alarm = findAlarm(tick.terms, capital.map(sum), sinceAlarm);
  const next: AlarmBudget = {
    capital: Object.fromEntries(
      tick.terms.map((term, index) => [term.id, alarm === null ? (capital[index] ?? []) : noCapital(term)]),
    ),
    latched: alarm === null ? budget.latched : [...budget.latched, { kind: alarm.kind, name: alarm.name }],
    watchedMs: budget.watchedMs + elapsedMs,
    injected: budget.injected + given,
    sinceAlarm: alarm === null ? sinceAlarm : 0,
    alarms: budget.alarms + (alarm === null ? 0 : 1),
  };
  return { budget: next, alarm };
}

/** The budget after somebody acknowledged `named`, or all alarms: its terms start again without capital. */
export function acknowledgeAlarm(budget: AlarmBudget, named: AlarmName | 'all'): AlarmBudget {
  const latched = named === 'all' ? [] : budget.latched.filter((each) => !isSameName(each, named));
  return { ...budget, latched };
}

const isSameName = (a: AlarmName, b: AlarmName): boolean => a.kind === b.kind && a.name === b.name;

const countedMs = (elapsedMs: number): number => Math.min(longestTickMs, Math.max(0, elapsedMs || 0));

/** The capital that a tick gives to all terms together. */
export const capitalGiven = (elapsedMs: number, rate: FalseAlarmRate): number =>
  (countedMs(elapsedMs) / rate.perMs) * rate.count;

/** True where an open alarm names the feature or its group. */
export const isNamed = (
  { latched }: Pick<AlarmBudget, 'latched'>,
  { name, group }: { readonly name: string; readonly group: string },
): boolean =>
  latched.some(
    (named) => (named.kind === 'feature' && named.name === name) || (named.kind === 'group' && named.name === group),
  );

/** True for a term that an alarm named, until somebody acknowledges it. */
export function isLatched({ latched }: Pick<AlarmBudget, 'latched'>, { name, group, of }: BettingTerm): boolean {
  return latched.some((named) => {
    if (named.kind === 'group') return group === named.name || of?.group === named.name;
    if (named.kind === 'feature' && of?.name === named.name) return true;
    return named.name === name && (named.kind === 'aggregate') === (group === null);
  });
}

/** The capital of a term after a tick, one number for each stake. `given` is what all terms get together. */
export function betCapital(
  held: readonly number[] | undefined,
  { weight, stakes }: BettingTerm,
  given: number,
  evidence: readonly number[] | undefined,
): readonly number[] {
  const part = (given * weight) / stakes;
  return Array.from({ length: stakes }, (_, index) => {
    const before = held?.length === stakes ? (held[index] ?? 0) : 0;
    return evidence === undefined ? before : (before + part) * fairMultiplier(evidence[index]);
  });
}

/** What is no number, or negative, loses the capital: an error never raises an alarm. */
function fairMultiplier(multiplier: number | undefined): number {
  return multiplier !== undefined && multiplier >= 0 ? Math.min(largestMultiplier, multiplier) : 0;
}

/**
 * | capital | named |
 * |---|---|
 * | one feature holds half or more | the feature |
 * | else | the group or the aggregate that holds the most; the feature itself where a group has only one |
 *
 * No alarm where the named part is below ten times its weight, or ten times what it was given where that is less: with
 * few rows the capital of a whole period piles up to 1 without any evidence.
 */
function findAlarm(terms: readonly BettingTerm[], held: readonly number[], sinceAlarm: number): Alarm | null {
  const statistic = sum(held);
  if (statistic < 1) return null;
  const totals = [...totalsByName(terms, held)].sort((a, b) => b.capital - a.capital);
  const named =
    totals.find(({ kind, capital }) => kind === 'feature' && capital >= statistic / 2) ??
    totals.find(({ kind }) => kind !== 'feature');
  if (named === undefined || named.capital < leastGrowth * Math.min(1, sinceAlarm) * named.weight) return null;
  const arm = [...named.arms].find(([, capital]) => capital > named.capital * 0.501)?.[0] ?? null;
  const only = named.kind === 'group' ? onlyFeatureOf(named.name, terms) : null;
  const name: AlarmName = only === null ? { kind: named.kind, name: named.name } : { kind: 'feature', name: only };
  return { ...name, arm, statistic, share: named.capital / statistic };
}

function onlyFeatureOf(group: string, terms: readonly BettingTerm[]): string | null {
  const features = new Set(terms.filter((term) => term.group === group).map(({ name }) => name));
  const [first] = features;
  return features.size === 1 && first !== undefined ? first : null;
}

interface NamedTotal extends AlarmName {
  readonly capital: number;
  readonly weight: number;
  readonly arms: ReadonlyMap<string | null, number>;
}

function totalsByName(terms: readonly BettingTerm[], held: readonly number[]): Iterable<NamedTotal> {
  const totals = new Map<string, NamedTotal>();
  const add = (kind: AlarmName['kind'], name: string, { arm, weight }: BettingTerm, more: number): void => {
    const before = totals.get(`${kind}/${name}`);
    const arms = new Map(before?.arms).set(arm, (before?.arms.get(arm) ?? 0) + more);
    const capital = (before?.capital ?? 0) + more;
    totals.set(`${kind}/${name}`, { kind, name, capital, weight: (before?.weight ?? 0) + weight, arms });
  };
  for (const [index, term] of terms.entries()) {
    add(term.group === null ? 'aggregate' : 'feature', term.name, term, held[index] ?? 0);
    if (term.group !== null) add('group', term.group, term, held[index] ?? 0);
  }
  return totals.values();
}

const noCapital = ({ stakes }: BettingTerm): readonly number[] => Array.from({ length: stakes }, () => 0);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function checkTerms(terms: readonly BettingTerm[]): void {
  const weight = sum(terms.map((term) => term.weight));
  const isFair = terms.every((term) => term.weight >= 0 && term.stakes >= 1) && weight <= 1 + 1e-9;
  if (isFair && new Set(terms.map(({ id }) => id)).size === terms.length) return;
  throw new PlimsollError({
    code: 'alarm-weights',
    category: 'bug',
    message: `the weights of ${terms.length} betting processes sum to ${weight}, are negative, or one process is there twice`,
    next: nextStep(coreSteps, 'alarm-weights'),
    details: { weight, terms: terms.length },
  });
}
