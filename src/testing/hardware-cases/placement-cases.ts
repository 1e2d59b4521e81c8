/** One more instance beside those that exist: `2g.10gb@0` is at slice 0, `2g.10gb` at a place that is not known. */
export interface PlacementRow {
  readonly board: string | null;
  readonly existing: string;
  readonly wanted: string;
  /** The start, `no`, or `?` for not known. */
  readonly answer: number | 'no' | '?';
}

const a100 = '0x20B010DE';
const a100Large = '0x20B210DE';
const h100 = '0x233010DE';
const a30 = '0x20B710DE';
const rtxPro = '0x2BB510DE';

type Line = readonly [board: string | null, existing: string, wanted: string, answer: PlacementRow['answer']];
const lines: readonly Line[] = [
  [a100, '4g.20gb@0 3g.20gb@0', '1g.5gb', '?'],
  [a100, '4g.20gb@0 3g.20gb@0', '7g.40gb', '?'],
  [a100, '', '1g.5gb', 0],
  [a100, '', '7g.40gb', 0],
  [a100, '', '4g.20gb', 0],
  [a100, '3g.20gb@0', '3g.20gb', 4],
  [a100, '3g.20gb@0', '4g.20gb', 'no'],
  [a100, '3g.20gb@4', '4g.20gb', 0],
  [a100, '3g.20gb@0 3g.20gb@4', '1g.5gb', 'no'],
  [a100, '3g.20gb@0', '1g.5gb', 4],
  [a100, '4g.20gb@0 3g.20gb@4', '1g.5gb', 'no'],
  [a100, '4g.20gb@0', '3g.20gb', 4],
  [a100, '4g.20gb@0', '2g.10gb', 4],
  [a100, '4g.20gb@0 2g.10gb@4', '1g.5gb', 6],
  [a100, '4g.20gb@0 2g.10gb@4 1g.5gb@6', '1g.5gb', 'no'],
  [a100, '1g.5gb@0 1g.5gb@1 1g.5gb@2 1g.5gb@3 1g.5gb@4 1g.5gb@5 1g.5gb@6', '1g.5gb', 'no'],
  [a100, '1g.5gb@0 1g.5gb@1 1g.5gb@2 1g.5gb@3 1g.5gb@4 1g.5gb@5', '1g.5gb', 6],
  [a100, '1g.5gb+me@0', '1g.5gb+me', 'no'],
  [a100, '1g.5gb@0', '1g.5gb+me', 1],
  [a100, '2g.10gb@0', '2g.10gb', 2],
  [a100, '2g.10gb@0 2g.10gb@2 2g.10gb@4', '2g.10gb', 'no'],
  [a100, '2g.10gb@0 2g.10gb@2 2g.10gb@4', '1g.10gb', 6],
  [a100, '1g.10gb@0 1g.10gb@2 1g.10gb@4 1g.10gb@6', '1g.10gb', 'no'],
  [a100, '1g.10gb@0 1g.10gb@2 1g.10gb@4', '1g.10gb', 6],
  [a100, '7g.40gb@0', '1g.5gb', 'no'],
  [a100, '1g.5gb@0', '7g.40gb', 'no'],
  [a100, '', '1g.20gb', 'no'],
  [a100, '3g.20gb', '3g.20gb', '?'],
  [a100, '3g.20gb 3g.20gb', '1g.5gb', 'no'],
  [a100, '4g.20gb', '3g.20gb', 4],
  [a100, '1g.5gb', '4g.20gb', '?'],
  [a100, '1g.5gb', '7g.40gb', 'no'],
  [a100, '?@0', '1g.5gb', '?'],
  [a100, '9g.99gb@0', '1g.5gb', '?'],
  [a100Large, '', '1g.10gb', 0],
  [a100Large, '1g.10gb@0 1g.10gb@1 1g.10gb@2 1g.10gb@3', '1g.10gb', 4],
  [a100Large, '', '1g.5gb', 'no'],
  [a100Large, '3g.40gb@0', '3g.40gb', 4],
  [h100, '3g.40gb@0 2g.20gb@4', '1g.10gb', 6],
  [h100, '1g.10gb@6', '1g.20gb', 0],
  [h100, '1g.10gb@6 1g.20gb@0 1g.20gb@2 1g.20gb@4', '1g.20gb', 'no'],
  ['0x232110DE', '', '3g.47gb', 0],
  ['0x233510DE', '3g.71gb@0', '3g.71gb', 4],
  ['0x290110DE', '', '7g.180gb', 0],
  ['0x290110DE', '2g.45gb@2', '2g.45gb', 0],
  ['0x294110DE', '', '3g.95gb', 0],
  ['0x234810DE', '', '4g.72gb', 0],
  ['0x234210DE', '', '4g.48gb', 0],
  [a30, '', '1g.6gb', 0],
  [a30, '1g.6gb@0 1g.6gb@1 1g.6gb@2', '1g.6gb', 3],
  [a30, '1g.6gb@0 1g.6gb@1 1g.6gb@2 1g.6gb@3', '1g.6gb', 'no'],
  [a30, '2g.12gb@0', '2g.12gb', 2],
  [a30, '2g.12gb+me@0', '2g.12gb+me', 'no'],
  [a30, '1g.6gb@1', '2g.12gb', 2],
  [a30, '1g.6gb@1 1g.6gb@2', '2g.12gb', 'no'],
  [a30, '1g.6gb@0', '4g.24gb', 'no'],
  [rtxPro, '2g.48gb@0', '2g.48gb', 2],
  [rtxPro, '1g.24gb@3', '2g.48gb', 0],
  [rtxPro, '4g.96gb@0', '1g.24gb', 'no'],
  ['0x20b010de', '', '1g.5gb', 0],
  ['0x999910DE', '', '1g.5gb', '?'],
  [null, '', '1g.5gb', '?'],
];

/** From the placement table of the MIG User Guide (2026-11). */
export const placementRows: readonly PlacementRow[] = lines.map(([board, existing, wanted, answer]) => ({
  board,
  existing,
  wanted,
  answer,
}));
