import type { DataVersion } from '../../core/registry/model-version.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

/** Columns that the text shows; `--json` has all. */
const columnsShown = 50;

export function columnRows({ columns }: DataVersion): readonly (readonly string[])[] {
  return [
    ...columns.slice(0, columnsShown).map(({ name, type }, index) => [index === 0 ? 'columns' : '', name, type]),
    ...(columns.length > columnsShown ? [['', `and ${columns.length - columnsShown} more`]] : []),
  ];
}

export function addedDataText(version: DataVersion, created: boolean): string {
  const { name, environment, rows, digest } = version;
  const what = `${rows.toLocaleString('en-US')} rows, sha256 ${shortDigest(digest)}`;
  return textOfLines([
    created
      ? `added ${name} version ${version.version} to ${environment} (${what})`
      : `${name} version ${version.version} in ${environment} has this content already (${what})`,
    ...alignedTable(columnRows(version), '  '),
    `next: plimsoll data show ${name}:${version.version}`,
  ]);
}
