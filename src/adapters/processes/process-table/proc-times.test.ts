import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeProcTimes, parseTimes, sumTrees } from './proc-times.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** pid, parent, session, and ticks of itself and of ended children. */
type Row = readonly [pid: number, parent: number, session: number, own: number, children: number];
const statOf = ([pid, parent, session, own, children]: Row): string =>
  `${pid} (a (b) c) S ${parent} ${session} ${session} 0 -1 0 0 0 0 0 ${own} 1 ${children} 0 20 0 1 0 500 0 0`;

function procWith(rows: readonly Row[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-proc-'));
  folders.push(folder);
  for (const row of rows) {
    mkdirSync(path.join(folder, String(row[0])));
    writeFileSync(path.join(folder, String(row[0]), 'stat'), statOf(row));
  }
  return folder;
}

test('a replica is its session and all that descends from it; another one is not', async () => {
  const folder = procWith([
    [10, 1, 10, 100, 5],
    [11, 10, 10, 50, 0],
    // A worker with a session of its own, and one whose parent has ended.
    [12, 11, 12, 20, 0],
    [13, 1, 10, 7, 0],
    [20, 1, 20, 900, 0],
  ]);
  // Each has one tick in the kernel.
  expect(await makeProcTimes(folder).read([10, 20, 99])).toEqual(
    new Map([
      [10, 1_860],
      [20, 9_010],
    ]),
  );
});

test('without a process table, and of files that are none, nothing is known', async () => {
  expect(await makeProcTimes('/nowhere/at/all').read([1])).toEqual(new Map());
  expect(parseTimes(1, 'nonsense')).toBeNull();
  expect(parseTimes(1, '')).toBeNull();
  const loop = [
    { pid: 1, parent: 2, session: 0, ms: 5 },
    { pid: 2, parent: 1, session: 0, ms: 5 },
  ];
  expect(sumTrees([3], loop)).toEqual(new Map());
});
