import { constantCellShare } from '../../core/registry/profile/cell-profile.ts';
import type { ColumnProfile, DataProfile } from '../../core/registry/profile/data-profile.ts';
import type { NumberSummary } from '../../core/registry/profile/number-summary.ts';
import { quantile } from '../../core/registry/profile/quantile-sketch.ts';

const columnsShown = 50;
const categoriesShown = 5;

export const shortNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(4)));
export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))}%`;

/** One line a column: how many are missing, how many differ, and where the values lie. */
export function profileRows(profile: DataProfile): readonly (readonly string[])[] {
  const header = ['COLUMN', 'MISSING', 'DISTINCT', 'MIN', 'MEDIAN', 'MEAN', 'MAX', 'DEVIATION', 'VALUES'];
  const rows = profile.columns.slice(0, columnsShown).map(columnCells);
  return profile.columns.length === 0 ? [] : [header, ...rows];
}

function columnCells(column: ColumnProfile): readonly string[] {
  const { name, count, missing, values, numbers, lists } = column;
  const distinct = values === null ? '-' : `${values.exact ? '' : '~'}${values.distinct.toLocaleString('en-US')}`;
  return [
    name,
    missing === 0 ? '0' : percent(missing / (count + missing)),
    distinct,
    ...numberCells(numbers ?? lists?.numbers ?? null),
    aside(column),
  ];
}

function numberCells(numbers: NumberSummary | null): readonly string[] {
  if (numbers === null) return ['-', '-', '-', '-', '-'];
  const { min, mean, max, standardDeviation, sketch } = numbers;
  return [min, quantile(sketch, 0.5) ?? mean, mean, max, standardDeviation].map(shortNumber);
}

function aside({ values, numbers, lengths, lists, objects }: ColumnProfile): string {
  const said: string[] = [];
  if (lists !== null) {
    const share = constantCellShare(lists);
    said.push(`cells ${lists.cells ?? `${lists.lengths.min} to ${lists.lengths.max}`}`);
    if (share !== null) said.push(`${percent(share)} of them constant`);
  }
  if (values !== null && values.distinct <= 200) {
    const rest = values.top.length - categoriesShown;
    const top = values.top
      .slice(0, categoriesShown)
      .map(([value, count]) => `${value} ${count.toLocaleString('en-US')}`);
    said.push(`${top.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`);
  } else if (lengths !== null) said.push(`${lengths.min} to ${lengths.max} characters`);
  if (objects > 0) said.push(`${objects} objects`);
  return said.length === 0 && numbers !== null ? 'numbers' : said.join('; ');
}

/** The profile without its sketches and registers, which only merging needs. */
export function profileJson(profile: DataProfile): unknown {
  const shown = (numbers: NumberSummary | null): unknown => {
    if (numbers === null) return null;
    const { sketch, ...rest } = numbers;
    const shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
    return {
      ...rest,
      quantiles: Object.fromEntries(shares.map((share) => [`p${share * 100}`, quantile(sketch, share)])),
    };
  };
  return {
    ...profile,
    columns: profile.columns.map(({ values, numbers, lengths, lists, ...rest }) => ({
      ...rest,
      values:
        values === null
          ? null
          : {
              distinct: values.distinct,
              exact: values.exact,
              countErrorAtMost: values.countErrorAtMost,
              top: values.top.slice(0, 20),
            },
      numbers: shown(numbers),
      lengths: shown(lengths),
      lists:
        lists === null
          ? null
          : {
              cells: lists.cells,
              lengths: lists.lengths,
              missing: lists.missing,
              constantCellShare: constantCellShare(lists),
              numbers: shown(lists.numbers),
            },
    })),
  };
}
