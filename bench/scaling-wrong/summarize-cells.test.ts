import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openCellFile } from './cell-file.ts';
import type { Cell } from './judge-cell.ts';
import { summarizeCells } from './summarize-cells.ts';

const met: Cell = {
  ...{ workload: 'bursts', startSeconds: 40, wrong: 'capacity', factor: 2, scoredFromMs: 600_000, saturates: true },
  ...{ attainmentShare: 0.995, kedaShare: 0.99, cost: 1.02, verdict: 'met' },
};
const late: Cell = { ...met, factor: 4, attainmentShare: 0.97, cost: 0.9, verdict: 'late' };

it('counts the cells of each workload and start, and names those that were missed', () => {
  const text = summarizeCells([met, late, { ...met, startSeconds: 300, verdict: 'excused' }]);
  expect(text).toContain('| bursts | 40 s | 2 | 1 | 0 | 1 | 0 | 97.00% | 0.90 to 1.02 |');
  expect(text).toContain('| bursts | 300 s | 1 | 0 | 1 | 0 | 0 | 99.50% | 1.02 to 1.02 |');
  expect(text).toContain('late: bursts, starts of 40 s, capacity told at 4: 97.00% in time');
  expect(text).toMatch(/1 of 3 cells missed: 1 late, 0 too dear; 1 excused\nmissed$/);
});

it('says that it is met where none was missed', () => {
  expect(summarizeCells([met])).toMatch(/0 of 1 cells missed.*\nmet$/);
});

it('keeps cells in a file, with the draws that they are of', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-cells-'));
  try {
    const file = path.join(folder, 'cells.jsonl');
    openCellFile(file).append({ ...met, draws: 20 });
    expect(openCellFile(file).lines).toEqual([expect.objectContaining({ ...met, draws: 20 })]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
