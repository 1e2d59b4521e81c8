import type { PlanReport, PlanWeek } from '../../../src/core/packing/plan-ahead/plan-report.ts';
import type { Limits } from '../../../src/core/packing/plan-ahead/service-need.ts';
import { counted } from '../parts/format.ts';

/** Growth of the demand that a plan is asked for: as it was recorded, or so much a week. */
export const growths = ['recorded', '0%/week', '2%/week', '5%/week', '10%/week'] as const;
export type Growth = (typeof growths)[number];

/** `as recorded`, `+5% a week`. */
export const growthWords = (growth: Growth): string =>
  growth === 'recorded' ? 'as recorded' : `+${growth.replace('/', ' a ')}`;

/** Full or not, when, and between which days in 90% of the draws. */
export function fullWords({ full, from, until }: PlanReport): string {
  const { notFound, early, late, share } = full;
  const drawn = `${Math.round(100 * share)}% of the draws are full by then`;
  if (notFound === null) return `The pool is not full by ${until} by the estimate. ${drawn}.`;
  const begins = early === null || early === from ? 'today' : early;
  const ends = late === null ? `after ${until}` : late;
  const span = begins === ends ? begins : `${begins} to ${ends}`;
  return `The pool is full on ${notFound} by the estimate. 90% of the draws: ${span}.`;
}

/** What the pool has, and what has to fit. */
export function poolWords({ pool, nodes, devices, nodesDown, devicesDown }: PlanReport): string {
  const has = `${pool} has ${counted(devices, 'device')} on ${counted(nodes, 'node')}.`;
  if (nodesDown === 0) return `${has} No room is kept for lost nodes.`;
  const lost = nodesDown === 1 ? 'any one node is' : `any ${nodesDown} nodes are`;
  return `${has} All replicas have to fit while ${lost} lost, of up to ${counted(devicesDown, 'device')}.`;
}

/** The loss that leaves no room on the day when the pool is full; null while none does. */
export function bindingWords({ binding }: PlanReport): string | null {
  const [first] = binding;
  if (first === undefined) return null;
  const proof = first.proven ? 'no placement exists' : 'no placement was found';
  if (first.lost.length === 0) return `On that day ${proof}, with all nodes there.`;
  const alike = first.alike > 1 ? `, one of ${first.alike} that are alike,` : '';
  return `On that day ${proof} without ${first.lost.join(' and ')}${alike}.`.replace(',.', '.');
}

/** What comes next: a command to run, or words. */
export function nextWords(next: string): { readonly command: string | null; readonly words: string } {
  if (next.startsWith('growth=')) return { command: null, words: 'Choose a growth of the demand above.' };
  const [command = ''] = next.split(', or ');
  return command.startsWith('plimsoll ') ? { command, words: '' } : { command: null, words: `Next: ${next}.` };
}

/** `4`, or `4 (3 to 6)`. */
export function limitsWords({ lower, estimate, upper }: Limits, format: (value: number) => string): string {
  const [low, middle, high] = [format(lower), format(estimate), format(upper)];
  return low === high ? middle : `${middle} (${low} to ${high})`;
}

export const amountWords = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

/** Whole units of the currency, of millionths. */
export const moneyWords = (micros: number): string => Math.round(micros / 1_000_000).toLocaleString('en-US');

export const fitsWords = ({ allPlaced }: Pick<PlanWeek, 'allPlaced'>): string =>
  ({ yes: 'yes', impossible: 'no', unknown: 'no placement found' })[allPlaced];

/** Replicas of all services of a week together. */
export const replicasOf = ({ replicas }: Pick<PlanWeek, 'replicas'>): Limits =>
  replicas.reduce(
    (sum, each) => ({
      lower: sum.lower + each.lower,
      estimate: sum.estimate + each.estimate,
      upper: sum.upper + each.upper,
    }),
    { lower: 0, estimate: 0, upper: 0 },
  );

/** The place of the week that a day is in; null where none is marked, or the day is before all of them. */
export function weekOf(weeks: readonly Pick<PlanWeek, 'from'>[], day: string | null): number | null {
  const at = day === null ? -1 : weeks.findLastIndex(({ from }) => from <= day);
  return at === -1 ? null : at;
}
