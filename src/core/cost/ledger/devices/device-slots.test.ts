import { describe, expect, test } from 'vitest';
import { migBoards } from '../../../hardware/tables/mig-profiles.ts';
import { slotDevice } from './device-slots.ts';
import { findUsableSlices } from './usable-slices.ts';

const a100 = '0x20B010DE';
const a30 = '0x20B710DE';
type Instance = readonly [profile: string, start: number];
const mig = (board: string, ...instances: readonly Instance[]) =>
  slotDevice(
    { kind: 'mig', instances: instances.map(([profile, start]) => ({ slot: `${profile}@${start}`, profile, start })) },
    board,
  );
const left = (board: string, ...instances: readonly Instance[]) =>
  mig(board, ...instances)
    .slots.filter(({ use }) => use !== 'claimable')
    .map(({ use, compute, memory }) => `${use} ${compute}/${memory}`);

describe('slotDevice', () => {
  test.each<[string, readonly Instance[], readonly string[]]>([
    ['nothing placed: the whole board can be used', [], ['free 7/8']],
    [
      'seven 1g: no profile begins at memory slice 7',
      [0, 1, 2, 3, 4, 5, 6].map((start) => ['1g.5gb', start] as const),
      ['stranded 0/1'],
    ],
    [
      'two 3g: one compute slice has no memory',
      [
        ['3g.20gb', 0],
        ['3g.20gb', 4],
      ],
      ['stranded 1/0'],
    ],
    ['one 3g: another fits', [['3g.20gb', 0]], ['free 3/4', 'stranded 1/0']],
    [
      '4g, 2g, 1g: slice 7 is left',
      [
        ['4g.20gb', 0],
        ['2g.10gb', 4],
        ['1g.5gb', 6],
      ],
      ['stranded 0/1'],
    ],
    ['7g: nothing is left', [['7g.40gb', 0]], []],
  ])('%s', (_, instances, expected) => {
    expect(left(a100, ...instances)).toEqual(expected);
  });

  test('an A30 has 4 slices of each', () => {
    expect(mig(a30, ['2g.12gb', 0])).toMatchObject({ computeParts: 4, memoryParts: 4 });
    expect(left(a30, ['2g.12gb', 0])).toEqual(['free 2/2']);
  });

  test('slots add up to the device in both accounts, whatever is placed', () => {
    for (const { slots, computeParts, memoryParts, devices } of [
      mig(a100, ['1g.5gb', 0], ['2g.10gb', 2]),
      mig(a100, ['1g.10gb', 6]),
      slotDevice({ kind: 'whole' }, null),
      slotDevice({ kind: 'shared', sharing: 'mps', shares: 5 }, null),
      slotDevice({ kind: 'cores', cores: 16 }, null),
    ]) {
      expect(slots.reduce((sum, { compute }) => sum + compute, 0)).toBe(computeParts * devices);
      expect(slots.reduce((sum, { memory }) => sum + memory, 0)).toBe(memoryParts * devices);
    }
  });

  test.each<[string, string, readonly Instance[]]>([
    ['an unknown board', '0x000010DE', []],
    ['a profile of another board', a100, [['3g.40gb', 0]]],
    ['a start that the profile does not have', a100, [['2g.10gb', 1]]],
    [
      'slices taken twice',
      a100,
      [
        ['3g.20gb', 0],
        ['1g.5gb', 3],
      ],
    ],
  ])('%s is one slot of unknown layout', (_, board, instances) => {
    expect(mig(board, ...instances).slots.map(({ use }) => use)).toEqual(['unknown']);
  });
});

test('usable slices are those of the best of all sets of further instances, tried one by one', () => {
  const board = migBoards[0];
  if (board === undefined) throw new Error('no board');
  const plain = board.profiles.filter(({ profile }) => !profile.includes('+'));
  const gOf = (profile: string): number => Number(profile[0]);
  /** All sets in the order of profile and start, without any memory of what was tried. */
  const best = (from: number, taken: number, compute: number, counts: readonly number[]): [number, number] => {
    let found: [number, number] = [0, 0];
    const places = plain.flatMap((profile, which) => profile.starts.map((start) => ({ profile, which, start })));
    places.slice(from).forEach(({ profile, which, start }, index) => {
      const bits = ((1 << profile.size) - 1) << start;
      if ((bits & taken) !== 0 || gOf(profile.profile) > compute || (counts[which] ?? 0) >= profile.maxInstances)
        return;
      const rest = best(
        from + index + 1,
        taken | bits,
        compute - gOf(profile.profile),
        counts.with(which, (counts[which] ?? 0) + 1),
      );
      const [memory, used] = [rest[0] + profile.size, rest[1] + gOf(profile.profile)];
      if (memory > found[0] || (memory === found[0] && used > found[1])) found = [memory, used];
    });
    return found;
  };
  for (const [profile, start] of [
    ['1g.5gb', 3],
    ['2g.10gb', 2],
    ['3g.20gb', 4],
    ['1g.10gb', 0],
    ['4g.20gb', 0],
  ] as const) {
    const placed = plain.find((each) => each.profile === profile);
    if (placed === undefined) throw new Error(profile);
    const counts = plain.map((each) => (each === placed ? 1 : 0));
    const [memory, compute] = best(0, ((1 << placed.size) - 1) << start, 7 - gOf(profile), counts);
    expect(findUsableSlices(board, [{ profile: placed, start }], 7 - gOf(profile)), profile).toEqual({
      compute,
      memory,
    });
  }
});
