import type { DataVersion } from '../../core/registry/model-version.ts';

/** Columns that the text shows; `--json` has all. */
const columnsShown = 50;

export function columnRows({ columns }: DataVersion): readonly (readonly string[])[] {
  return [
    ...columns.slice(0, columnsShown).map(({ name, type }, index) => [index === 0 ? 'columns' : '', name, type]),
    ...(columns.length > columnsShown ? [['', `and ${columns.length - columnsShown} more`]] : []),
  ];
}
