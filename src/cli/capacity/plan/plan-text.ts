import { formatMoney } from '../../../core/cost/judgement/format-money.ts';
import type { Limits } from '../../../core/packing/plan-ahead/service-need.ts';
import type { Remedy } from '../../../core/packing/plan-ahead/find-remedies.ts';
import { alignedTable, textOfLines } from '../../terminal/table.ts';
import type { PlanLoss, PlanReport, PlanWeek } from '../../../core/packing/plan-ahead/plan-report.ts';

/** More weeks are thinned for the terminal; JSON and page have all. */
const rowsAtMost = 18;

/** Returns the plan for people: when the pool is full, the table of weeks, remedies and what it rests on. */
export function planText(report: PlanReport): string {
  const each = Math.ceil(report.weeks.length / rowsAtMost);
  const shown = report.weeks.filter((week, at) => at % each === 0 || week === lastOf(report.weeks));
  return textOfLines([
    ...headLines(report),
    '',
    ...alignedTable([weekHead(report), ...shown.map((week) => weekRow(week, report))]),
    ...(each === 1 ? [] : [`one of ${each} weeks is shown; --json and --html have all ${report.weeks.length}`]),
    '',
    ...fullLines(report),
    ...maxLines(report),
    ...remedyLines(report),
    '',
    'it rests on:',
    ...report.services.flatMap(({ name, from }) => [`  ${name}`, ...from.map((text) => `    ${text}`)]),
    `intervals hold 90% of ${report.draws} draws (seed ${report.seed})`,
    ...report.notes,
  ]);
}

const lastOf = (weeks: readonly PlanWeek[]): PlanWeek | undefined => weeks.at(-1);

export function headLines({
  services,
  pool,
  from,
  until,
  nodes,
  devices,
  nodesDown,
  devicesDown,
}: PlanReport): readonly string[] {
  const names = services.map(({ name }) => name).join(', ');
  const lost =
    nodesDown === 0
      ? 'no room is kept for lost nodes'
      : `all replicas have to fit with ${nodesDown === 1 ? 'any one node' : `any ${nodesDown} nodes`} lost, of up to ${devicesDown} devices`;
  return [`${names} on ${pool}: ${from} to ${until}`, `${devices} devices on ${nodes} nodes; ${lost}`];
}

export const weekHead = ({ services, currency }: PlanReport): readonly string[] => [
  'WEEK OF',
  ...services.map(({ name }) => name),
  'DEVICES',
  ...(currency === null ? [] : ['MONEY A WEEK']),
  'FITS',
  'DRAWS FULL',
];

export const weekRow = (
  { from, replicas, devices, micros, allPlaced, fullShare }: PlanWeek,
  { currency }: PlanReport,
): readonly string[] => [
  from,
  ...replicas.map(limitsText),
  limitsText(devices),
  ...(currency === null ? [] : [micros === null ? '-' : moneyLimits(micros, currency)]),
  { yes: 'yes', impossible: 'no', unknown: 'no plan found' }[allPlaced],
  `${Math.round(100 * fullShare)}%`,
];

const numberText = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

export function limitsText({ lower, estimate, upper }: Limits): string {
  return lower === upper
    ? numberText(estimate)
    : `${numberText(estimate)} (${numberText(lower)}..${numberText(upper)})`;
}

function moneyLimits({ lower, estimate, upper }: Limits, currency: string): string {
  const [low, middle, high] = [lower, estimate, upper].map((micros) => (micros / 1_000_000).toFixed(0));
  return low === high ? `${middle} ${currency}` : `${middle} (${low}..${high}) ${currency}`;
}

/** Returns when the pool is full: what is proven, what was only not found, the interval, and which loss binds. */
export function fullLines({ full, binding, until, from }: PlanReport): readonly string[] {
  const { notFound, proven, early, late, share } = full;
  const drawn = `${Math.round(100 * share)}% of the draws are full by ${until}`;
  const span =
    early === null
      ? drawn
      : `90% of the draws: ${early === from ? 'now' : early} to ${late === null ? `after ${until}; ${drawn}` : late}`;
  if (notFound === null) return [`not full by ${until}, by the estimate (planned); ${span}`];
  const found =
    proven === notFound
      ? `full: ${notFound} by the estimate; no plan places all replicas then (proven)`
      : `full: ${notFound} by the estimate; no plan was found then, and another one may exist`;
  const later = proven !== null && proven !== notFound ? [`from ${proven} on it is proven that there is none`] : [];
  return [found, ...later, span, ...bindingLines(binding)];
}

function bindingLines(binding: readonly PlanLoss[]): readonly string[] {
  return binding.map(({ lost, alike, proven }) => {
    if (lost.length === 0) return `the replicas do not fit on all nodes (${proven ? 'proven' : 'no plan found'})`;
    const others = alike > 1 ? `, one of ${alike} that are alike` : '';
    return `binds: the loss of ${lost.join(' and ')}${others} (${proven ? 'proven' : 'no plan found'})`;
  });
}

function maxLines({ services }: PlanReport): readonly string[] {
  return services.flatMap(({ name, maxReached, atMost }) =>
    maxReached === null ? [] : [`${name} needs more than scaling.replicas.max (${atMost}) from ${maxReached} on`],
  );
}

function remedyLines({ remedies, currency, until }: PlanReport): readonly string[] {
  if (remedies.length === 0) return [];
  const rows = remedies.map((remedy) => `  ${remedyText(remedy, currency, until)}`);
  return ['what makes it last longer, by the estimate:', ...rows];
}

export function remedyText(
  { change, daysMore, fullBeforeEnd, microsPerWeek, toEnd }: Remedy,
  currency: string | null,
  until: string,
): string {
  const days = `${daysMore} ${daysMore === 1 ? 'day' : 'days'}`;
  const gives = fullBeforeEnd ? `${days} more` : `not full by ${until}`;
  const more = toEnd !== null && toEnd > 1 ? `; ${toEnd} of them last to ${until}` : '';
  return `${changeText(change)}: ${gives}${priceText(microsPerWeek, currency)}${more}`;
}

function priceText(micros: number | null, currency: string | null): string {
  if (micros === null || micros === 0 || currency === null) return '';
  return micros > 0 ? `, ${formatMoney(micros, currency)} a week` : `, saves ${formatMoney(-micros, currency)} a week`;
}

function changeText(change: Remedy['change']): string {
  switch (change.kind) {
    case 'node':
      return `one more node like ${change.like}`;
    case 'floor':
      return `scaling.replicas.min of ${change.service} ${change.to} instead of ${change.from}`;
    case 'per-replica':
      return `10% more from each replica of ${change.service} (slots, batches, a faster model; prove it: plimsoll capacity)`;
    case 'nodes-down':
      return 'no room for a lost node (--nodes-down 0)';
  }
}
