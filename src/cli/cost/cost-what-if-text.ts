import type { Estimate } from '../../core/cost/marginal/paired-replays.ts';
import { formatDuration, formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { formatPercent } from '../../core/units/quantity/quantity-percent.ts';
import type {
  HeldObjective,
  KeptWarmCost,
  MarginalReport,
  ReplayFacts,
  WhatIfReport,
} from '../../prove/simulate/what-if.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const dayMs = 86_400_000;
const monthDays = 30;
/** A scored time that is nearly a day or longer may stand for a month. */
const monthFromMs = 0.8 * dayMs;

/** Returns the answer to `--what-if` as text: what moved, the replay, and a table of the two contracts. */
export function whatIfText(report: WhatIfReport): string {
  const { moved, alsoNeeded, keptWarm, notes } = report;
  return textOfLines([
    ...alignedTable([
      ...moved.map((text, at) => [at === 0 ? 'change' : '', text]),
      ...alsoNeeded.map((text) => ['also needed', text]),
      ...(report.difference === null ? [] : replayRows(report)),
    ]),
    ...differenceLines(report),
    ...(keptWarm === null ? [] : ['', ...keptLines(keptWarm.present, keptWarm.changed, report)]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ]);
}

/** Returns the table of `--marginal` as text. */
export function marginalText(report: MarginalReport): string {
  const { terms, keptWarm, currency } = report;
  const head = [
    'term',
    'against',
    unitText(report),
    '95% limits',
    ...(currency === null ? [] : [currency]),
    'late requests',
  ];
  return textOfLines([
    ...alignedTable(replayRows(report)),
    '',
    ...alignedTable([
      head,
      ...terms.map(({ term, against, deviceSeconds, late, money, note }) => [
        term,
        against,
        signed(deviceSeconds.mean),
        limitsText(deviceSeconds),
        ...(currency === null ? [] : [money === null ? '-' : signedMoney(money.mean)]),
        `${signed(late.mean)}${note === null ? '' : ' *'}`,
      ]),
    ]),
    ...[...new Set(terms.flatMap(({ note }) => note ?? []))].map((note) => `* ${note}`),
    '',
    keptText(keptWarm, report),
    '',
    'Each row changes one term alone. The prices do not add up.',
    ...report.notes,
  ]);
}

function replayRows({ service, environment, arrivals, blocks, scoredMs, seeds, from }: ReplayFacts) {
  const { name, requests, spanMs } = arrivals;
  const draws = `${seeds} draw${seeds === 1 ? '' : 's'} of starts`;
  return [
    ['service', `${service} in ${environment}`],
    ['arrivals', `${countText(requests)} requests in ${formatElapsed(spanMs)}, ${name}`],
    ['start', from.starts],
    ['capacity', from.capacity],
    ['prices', from.prices],
    [
      'replayed',
      blocks > 1
        ? `${blocks} days, ${draws} each; the numbers are means of a day`
        : `${formatElapsed(scoredMs)} after the first tenth, ${draws}`,
    ],
  ];
}

function differenceLines(report: WhatIfReport): readonly string[] {
  const { difference, money, objective, currency, scoredMs } = report;
  if (difference === null) return [];
  const { present, changed, deviceSeconds, late, limitsOver } = difference;
  const month = (monthDays * dayMs) / scoredMs;
  const moneyRow = (name: string, factor: number): readonly (readonly string[])[] =>
    money === null
      ? []
      : [
          [
            name,
            (factor * money.present).toFixed(2),
            (factor * money.changed).toFixed(2),
            signedMoney(factor * money.difference.mean),
            limitsText(money.difference, (value) => signedMoney(factor * value)),
          ],
        ];
  return [
    '',
    ...alignedTable([
      ['', 'now', 'changed', 'difference', '95% limits'],
      [
        unitText(report),
        countText(present.deviceSeconds),
        countText(changed.deviceSeconds),
        signed(deviceSeconds.mean),
        limitsText(deviceSeconds),
      ],
      ...moneyRow(currency ?? '', 1),
      ...(scoredMs < monthFromMs ? [] : moneyRow(`${currency ?? ''} in ${monthDays} days`, month)),
      ['late requests', countText(present.late), countText(changed.late), signed(late.mean), limitsText(late)],
      ...(objective === null
        ? []
        : [
            ['in time', shareText(objective.present), shareText(objective.changed)],
            ['objective', objectiveText(objective.present), objectiveText(objective.changed)],
          ]),
    ]),
    limitsOver === 'blocks'
      ? 'limits: over the days'
      : 'limits: over the draws of starts alone; other arrivals would differ more',
  ];
}

function keptLines(present: KeptWarmCost, changed: KeptWarmCost, facts: ReplayFacts): readonly string[] {
  return [`now:     ${keptText(present, facts)}`, `changed: ${keptText(changed, facts)}`];
}

function keptText(kept: KeptWarmCost, { unit, currency }: ReplayFacts): string {
  const { keepPreviousMs, releases, keptMs, deviceSeconds, money, recordedMs } = kept;
  const priced = money === null || currency === null ? '' : ` = ${currency} ${money.toFixed(2)}`;
  return `rollout.keepPrevious: ${formatDuration(keepPreviousMs)} kept ${releases} previous releases warm for ${formatElapsed(keptMs)} in the last ${formatElapsed(recordedMs)}: ${countText(deviceSeconds)} ${unit}-seconds${priced}`;
}

const unitText = ({ unit }: ReplayFacts): string => `${unit}-seconds`;

const heldWords = { pass: 'held', fail: 'missed', inconclusive: 'not decided', unknown: 'unknown' } as const;
const objectiveText = ({ latencyMs, attainmentShare, verdict }: HeldObjective): string =>
  `${heldWords[verdict]} (${formatPercent(attainmentShare)} within ${formatDuration(latencyMs)})`;
/** Rounded down, so that what is missed by a little does not look held. */
const shareText = ({ inTimeShare }: HeldObjective): string =>
  inTimeShare === null ? '-' : `${(Math.floor(inTimeShare * 1e4 + 1e-6) / 1e2).toFixed(2)}%`;

const limitsText = ({ low, high }: Estimate, text: (value: number) => string = signed): string =>
  low === null || high === null ? 'unknown, of one run' : `${text(low)}..${text(high)}`;
const countText = (count: number): string => Math.round(count).toLocaleString('en-US');
const signed = (value: number): string => `${Math.round(value) > 0 ? '+' : ''}${countText(value)}`.replace(/^-0$/, '0');
const signedMoney = (value: number): string =>
  `${value >= 0.005 ? '+' : ''}${value.toFixed(2)}`.replace(/^-0\.00$/, '0.00');
