import { ledgerStates, type LedgerState } from '../../core/cost/ledger/state.ts';
import type { CostReport, CostUnit } from '../../schemas/http/cost/http-cost.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { timeText } from '../terminal/time-text.ts';
import { moneyColumns, moneyLines } from './cost-money.ts';

const errorsShown = 10;

/** Returns a report as text: a table a unit with states and money as columns, what cannot be attributed or priced, and errors. */
export function costText(report: CostReport): string {
  const { fromMs, toMs, openFromMs, units, errorCount, errors } = report;
  if (units.length === 0) return emptyText(report);
  const open = openFromMs === null ? '' : `; from ${timeText(openFromMs)} on not closed, and may change`;
  const more = errorCount - Math.min(errorsShown, errors.length);
  return textOfLines([
    `device time from ${timeText(fromMs)} to ${timeText(toMs)}${open}`,
    ...units.flatMap((unit) => ['', ...unitLines(unit, report)]),
    '',
    ...moneyLines(report),
    ...overcommittedLines(report),
    ...sharingLines(report),
    ...(errorCount === 0 ? [] : ['', `${errorCount} facts cannot be true:`]),
    ...errors.slice(0, errorsShown).map(({ kind, message }) => `  ${kind}: ${message}`),
    ...(more > 0 ? [`  and ${more} more (--json)`] : []),
  ]);
}

/** Each device once, as it was in its newest hour. */
function overcommittedLines({ overcommitted = [] }: CostReport): readonly string[] {
  const newest = new Map(overcommitted.map((each) => [each.device, each.message]));
  return newest.size === 0
    ? []
    : ['', 'shared beyond what there is:', ...[...newest.values()].map((text) => `  ${text}`)];
}

/** What services that share cost each other. */
function sharingLines({ sharing = [] }: CostReport): readonly string[] {
  if (sharing.length === 0) return [];
  const nameOf = ({ service, environment }: { readonly service: string; readonly environment: string }): string =>
    environment === 'default' ? service : `${service} in ${environment}`;
  const ms = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} ms`);
  const rows = sharing.map((each) => [
    ...[nameOf(each), nameOf(each.beside)],
    ...[`${ms(each.idleMs)} (${each.idleMinutes})`, `${ms(each.busyMs)} (${each.busyMinutes})`],
    each.difference === null
      ? 'not measured yet'
      : `${ms(each.difference.estimateMs)} (${each.difference.lowerMs.toFixed(1)} to ${each.difference.upperMs.toFixed(1)})`,
  ]);
  return [
    '',
    'what sharing costs in latency: mean of the medians of minutes (how many), 95% limits',
    ...alignedTable([['service', 'beside', 'other idle', 'other busy', 'difference'], ...rows]),
  ];
}

function emptyText({ fromMs, service, environment }: CostReport): string {
  const of = [...(service === null ? [] : [service]), ...(environment === null ? [] : [`in ${environment}`])].join(' ');
  return [
    `no device time${of === '' ? '' : ` of ${of}`} is recorded since ${timeText(fromMs)}`,
    'next: plimsoll up, which records it while it runs a release',
  ].join('\n');
}

function unitLines(unit: CostUnit, report: CostReport): readonly string[] {
  const { by, service, environment } = report;
  const { groups, total, devices, unattributable } = unit;
  const shown = ledgerStates.filter((state) => state === 'serving' || state === 'idle' || total.stateMs[state] !== 0);
  const isWhole = service === null && environment === null;
  const what = unit.unit === 'accelerator' ? 'accelerator-seconds' : 'core-seconds';
  const of =
    unit.unit === 'accelerator'
      ? `${devices} accelerator${plural(devices)}`
      : `cores of ${devices} node${plural(devices)}`;
  const money = moneyColumns(report, unit);
  const row = (names: readonly string[], sums: CostUnit['total']): readonly string[] => [
    ...names,
    secondsText(sums.computeMs),
    ...shown.map((state: LedgerState) => secondsText(sums.stateMs[state] ?? 0)),
    sums.utilizationShare === null ? '-' : `${(sums.utilizationShare * 100).toFixed(0)}%`,
    ...money.cells(sums),
  ];
  const all = by.map((_name, index) => (index === 0 ? 'all' : ''));
  return [
    `${what}, ${of}`,
    ...alignedTable([
      [...by, 'total', ...shown, 'utilization', ...money.names],
      ...groups.map(({ group, ...sums }) =>
        row(
          by.map((name) => group[name] ?? '(none)'),
          sums,
        ),
      ),
      row(all, total),
    ]),
    ...(isWhole ? [`all = devices x time = ${secondsText(total.computeMs)} s`] : []),
    ...(unattributable.length === 0
      ? []
      : [
          `unattributable: ${unattributable.map(({ reason, computeMs }) => `${reason} ${secondsText(computeMs)} s`).join(', ')}`,
        ]),
  ];
}

const plural = (count: number): string => (count === 1 ? '' : 's');

const secondsText = (ms: number): string => (ms / 1_000).toFixed(1);
