import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitOnOneGpu } from '../../../testing/oracles/slice-oracle.ts';
import { migBoards, type MigBoard } from '../../hardware/tables/mig-profiles.ts';
import { isNestedChain, isWithin, listLayouts } from './layouts.ts';

const boardOf = (name: string): MigBoard => migBoards.find((board) => board.name.startsWith(name))!;
const pick = (board: MigBoard, ...names: readonly string[]) =>
  names.map((name) => board.profiles.find(({ profile }) => profile === name)!);

describe('layouts of a GPU', () => {
  it('are the twelve of an A100 with five profiles', () => {
    const board = boardOf('A100-80');
    const layouts = listLayouts(board, pick(board, '1g.10gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'));
    expect(layouts.map(({ counts }) => counts.join('')).sort()).toEqual(
      [
        '70000',
        '51000',
        '40100',
        '32000',
        '30010',
        '21100',
        '13000',
        '11010',
        '02100',
        '00200',
        '00110',
        '00001',
      ].sort(),
    );
  });

  it('are all that fit, and none that holds one more instance', () => {
    for (const board of [boardOf('A100-80'), boardOf('A30'), boardOf('RTX PRO 6000')]) {
      const layouts = listLayouts(board, board.profiles);
      for (const { counts, instances } of layouts) {
        const profiles = counts.flatMap((count, at) => Array.from({ length: count }, () => board.profiles[at]!));
        expect(instances.map(({ profile }) => profile).sort()).toEqual(
          profiles.map((each) => board.profiles.indexOf(each)),
        );
        expect(fitOnOneGpu(profiles, board), counts.join()).toBe(true);
        for (const one of board.profiles) {
          const more = board.profiles.flatMap((each) => [...profiles, one].filter((other) => other === each));
          expect(fitOnOneGpu(more, board), counts.join()).toBe(false);
        }
      }
    }
  });

  it('hold whatever fits', () => {
    for (const board of [boardOf('A100-80'), boardOf('A30')]) {
      const layouts = listLayouts(board, board.profiles);
      fc.assert(
        fc.property(fc.array(fc.nat(board.profiles.length - 1), { maxLength: 5 }), (chosen) => {
          const counts = board.profiles.map((_, at) => chosen.filter((each) => each === at).length);
          const fits = fitOnOneGpu(
            chosen.map((at) => board.profiles[at]!),
            board,
          );
          expect(layouts.some((layout) => isWithin(counts, layout.counts))).toBe(fits);
        }),
        { numRuns: 500 },
      );
    }
  });

  it('are of nested profiles, but for those that a board has once', () => {
    const board = boardOf('A100-80');
    expect(isNestedChain(pick(board, '1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb'))).toBe(true);
    expect(isNestedChain(pick(board, '1g.10gb+me', '2g.20gb'))).toBe(false);
    // A 2g would have to begin at 6 to fit where a 1g.20gb does.
    expect(isNestedChain(pick(board, '2g.20gb', '1g.20gb'))).toBe(false);
    expect(isNestedChain(pick(board, '4g.40gb', '3g.40gb'))).toBe(false);
  });
});
