import { dataDiff, type ColumnMove, type DataDiff } from '../../core/registry/profile/data-diff.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { percent, shortNumber } from './data-profile-text.ts';
import { resolveData } from '../../prove/artifacts/registry-reference.ts';
import { storedProfile } from '../../prove/artifacts/stored-profile.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const columnsShown = 50;
const barWidth = 20;

export async function runDataDiff(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const environment = await context.environment();
  const store = await context.store();
  const [before, after] = [
    await resolveData(store, environment, args[0] ?? ''),
    await resolveData(store, environment, args[1] ?? ''),
  ];
  const diff = dataDiff(before, after, [await storedProfile(context, before), await storedProfile(context, after)]);
  const text = options['format'] === 'markdown' ? markdown(before, after, diff) : plain(before, after, diff);
  return { exit: 0, json: { environment, before: reference(before), after: reference(after), ...diff }, text };
}

const reference = ({ name, version }: DataVersion): string => `${name}:${version}`;

function headLines({ rows, schema, sameContent }: DataDiff): readonly string[] {
  const [was, is] = rows.map((count) => count.toLocaleString('en-US'));
  return [
    sameContent ? 'the content is the same' : `rows ${was} -> ${is}`,
    ...schema.added.map(({ name, type }) => `column ${name} is new (${type})`),
    ...schema.gone.map(({ name, type }) => `column ${name} is gone (${type})`),
    ...schema.changed.map(({ name, from, to }) => `column ${name} was ${from} and is ${to}`),
  ];
}

const header = ['COLUMN', 'MOVED', 'KS', 'WASSERSTEIN', 'PSI', 'JS', 'MISSING', 'WHAT'];

function cells({ name, numbers, categories, missingShare: [was, is], moved }: ColumnMove): readonly string[] {
  return [
    name,
    bar(moved),
    numbers === null ? '-' : numbers.kolmogorovSmirnov.toFixed(3),
    numbers === null ? '-' : shortNumber(numbers.wasserstein),
    categories === null ? '-' : categories.psi.toFixed(3),
    categories === null ? '-' : categories.jensenShannon.toFixed(3),
    was === is ? percent(is) : `${percent(was)} -> ${percent(is)}`,
    what({ numbers, categories }),
  ];
}

function what({ numbers, categories }: Pick<ColumnMove, 'numbers' | 'categories'>): string {
  const within = numbers !== null && numbers.kolmogorovSmirnov <= numbers.chance;
  return [
    ...(numbers === null ? [] : [within ? 'within chance (99%)' : `beyond chance (${numbers.chance.toFixed(3)})`]),
    ...(categories?.added?.length ? [`new: ${categories.added.join(', ')}`] : []),
    ...(categories?.gone?.length ? [`gone: ${categories.gone.join(', ')}`] : []),
  ].join('; ');
}

function bar(share: number): string {
  const full = Math.round(share * barWidth);
  return `${'#'.repeat(full)}${'.'.repeat(barWidth - full)}`;
}

const meanings = [
  'KS           largest gap between the shares of values at most x: 0 alike, 1 apart',
  'WASSERSTEIN  how far values moved on average, in the unit of the column',
  'PSI          population stability index: by custom below 0.1 little, above 0.25 much',
  'JS           Jensen-Shannon distance of the categories: 0 alike, 1 nothing in common',
];

function plain(before: DataVersion, after: DataVersion, diff: DataDiff): string {
  const title = `${reference(before)} -> ${reference(after)}`;
  const { columns } = diff;
  if (columns === null) {
    return textOfLines([
      title,
      ...headLines(diff),
      'no distances: one of the two was added before profiles',
      'next: plimsoll data add FILE --name NAME',
    ]);
  }
  if (columns.length === 0) return textOfLines([title, ...headLines(diff), 'no column is in both']);
  return textOfLines([
    title,
    ...headLines(diff),
    ...alignedTable([header, ...columns.slice(0, columnsShown).map(cells)]),
    ...(columns.length > columnsShown ? [`and ${columns.length - columnsShown} columns that moved less`] : []),
    ...meanings,
  ]);
}

function markdown(before: DataVersion, after: DataVersion, diff: DataDiff): string {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll(/([|\\`])/g, '\\$1')).join(' | ')} |`;
  return textOfLines([
    `### Data ${reference(before)} -> ${reference(after)}`,
    '',
    ...headLines(diff).map((said) => `- ${said}`),
    '',
    ...(diff.columns === null
      ? ['No distances: one of the two was added before profiles.']
      : [
          line(header),
          line(header.map(() => '---')),
          ...diff.columns.slice(0, columnsShown).map((move) => line(cells(move))),
        ]),
  ]);
}
