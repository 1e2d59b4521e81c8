import { expect, test } from 'vitest';
import type { MigBoard } from '../../hardware/tables/mig-profiles.ts';
import { findBoard, findProfile, placeInstances, shareOfBoardMilli } from './board-cuts.ts';

const boardOf = (name: string): MigBoard => {
  const board = findBoard(name);
  if (board === null) throw new Error(`there is no board ${name}`);
  return board;
};
const a100 = boardOf('A100-80');

test('a board has its whole name and each part of it', () => {
  expect(findBoard('A100-80 and A800-80')).toBe(a100);
  expect(findBoard('A800-80')).toBe(a100);
  expect(findBoard('H100-94 (NVL)')?.name).toBe('H100-94 (NVL) and H800 NVL');
  expect(findBoard('H20')?.name).toBe('H100-96, GH200-96 and H20');
  expect(findBoard('T4')).toBeNull();
});

test('a profile is the first name that the board has; compute slices alone name the smallest one', () => {
  expect(findProfile(a100, ['3g.71gb', '3g.40gb'])?.profile).toBe('3g.40gb');
  expect(findProfile(a100, ['1g'])?.profile).toBe('1g.10gb');
  expect(findProfile(boardOf('A30'), ['2g'])?.profile).toBe('2g.12gb');
  expect(findProfile(boardOf('A30'), ['3g'])).toBeNull();
});

test.each([
  [
    ['3g.40gb', '4g.40gb'],
    [4, 0],
  ],
  [['4g.40gb', '4g.40gb'], null],
  [Array.from({ length: 7 }, () => '1g.10gb'), [0, 1, 2, 3, 4, 5, 6]],
  [Array.from({ length: 8 }, () => '1g.10gb'), null],
  [
    ['1g.20gb', '2g.20gb', '3g.40gb'],
    [6, 4, 0],
  ],
  [['1g.10gb+me', '1g.10gb+me'], null],
  [['7g.80gb', '1g.10gb'], null],
  [['9g.90gb'], null],
  [[], []],
])('%j on an A100 begins at %j', (profiles, starts) => {
  expect(placeInstances(a100, profiles)).toEqual(starts);
});

test('an instance takes its share of the memory slices', () => {
  const shares = ['1g', '2g', '3g', '7g'].map((name) => {
    const profile = findProfile(a100, [name]);
    return profile === null ? null : shareOfBoardMilli(a100, profile);
  });
  expect(shares).toEqual([125, 250, 500, 1_000]);
});

test('further instances are placed beside those that stay', () => {
  const kept = [{ profile: '3g.40gb', start: 0 }];
  expect(placeInstances(a100, ['3g.40gb'], kept)).toEqual([4]);
  expect(placeInstances(a100, ['4g.40gb'], kept)).toBeNull();
  expect(placeInstances(a100, ['3g.40gb', '3g.40gb'], kept)).toBeNull();
});
