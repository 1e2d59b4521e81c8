import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placementRows } from '../../../testing/hardware-cases/placement-cases.ts';
import { placeProfile, smallestProfile, type PlacedInstance } from './mig-placement.ts';
import { migBoards } from '../tables/mig-profiles.ts';

const sizeOf = (board: string | null, profile: string): number =>
  migBoards
    .find(({ pciDeviceIds }) => pciDeviceIds.includes(board ?? ''))
    ?.profiles.find((each) => each.profile === profile)?.size ?? 1;

function instances(board: string | null, text: string): readonly PlacedInstance[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [name = '', at] = word.split('@');
      const placement = at === undefined ? null : { start: Number(at), size: sizeOf(board, name) };
      return { profile: name === '?' ? null : name, placement };
    });
}

describe('placing one more MIG instance', () => {
  it.each(placementRows.map((row) => [`${row.wanted} beside "${row.existing}" on ${row.board}`, row] as const))(
    '%s',
    (_name, { board, existing, wanted, answer }) => {
      const placed = placeProfile(board, instances(board, existing), wanted);
      const said = placed.answer === 'fits' ? placed.start : placed.answer === 'unknown' ? '?' : 'no';
      expect(said, JSON.stringify(placed)).toBe(answer);
    },
  );

  it('fills a board with the number that the table names, one after the other', () => {
    for (const { pciDeviceIds, profiles } of migBoards) {
      const [board = ''] = pciDeviceIds;
      for (const { profile, maxInstances, size } of profiles) {
        const existing: PlacedInstance[] = [];
        for (let count = 0; count < maxInstances; count += 1) {
          const placed = placeProfile(board, existing, profile);
          expect(placed.answer, `${profile} ${count}`).toBe('fits');
          if (placed.answer === 'fits') existing.push({ profile, placement: { start: placed.start, size } });
        }
        expect(placeProfile(board, existing, profile).answer).toBe('does-not-fit');
      }
    }
  });

  it('says that it fits only where it fits wherever the others are', () => {
    const board = migBoards[0]!;
    const profile = fc.constantFrom(...board.profiles);
    fc.assert(
      fc.property(
        fc.array(profile, { maxLength: 4 }),
        profile,
        fc.infiniteStream(fc.nat()),
        (wanted, next, choices) => {
          const existing: PlacedInstance[] = [];
          const taken = new Set<number>();
          for (const each of wanted) {
            const free = each.starts.filter((start) =>
              Array.from({ length: each.size }, (_, at) => start + at).every((slice) => !taken.has(slice)),
            );
            if (free.length === 0) continue;
            const start = free[(choices.next().value ?? 0) % free.length] ?? 0;
            for (let at = 0; at < each.size; at += 1) taken.add(start + at);
            existing.push({ profile: each.profile, placement: { start, size: each.size } });
          }
          const known = placeProfile(board.pciDeviceIds[0]!, existing, next.profile);
          const unplaced = existing.map((instance) => ({ ...instance, placement: null }));
          const blind = placeProfile(board.pciDeviceIds[0]!, unplaced, next.profile);
          expect(known.answer).not.toBe('unknown');
          if (blind.answer === 'does-not-fit') expect(known.answer).toBe('does-not-fit');
          if (blind.answer === 'fits') expect(known.answer).toBe('fits');
        },
      ),
    );
  });

  it('knows the smallest profile with so much memory', () => {
    const gib = 2 ** 30;
    expect(smallestProfile('0x20B010DE', 4 * gib)?.profile).toBe('1g.5gb');
    expect(smallestProfile('0x20B010DE', 5 * gib)?.profile).toBe('1g.10gb');
    expect(smallestProfile('0x20B010DE', 9.625 * gib)?.profile).toBe('1g.10gb');
    expect(smallestProfile('0x20B010DE', 10 * gib)?.profile).toBe('3g.20gb');
    expect(smallestProfile('0x20B010DE', 39.25 * gib)?.profile).toBe('7g.40gb');
    expect(smallestProfile('0x20B010DE', 40 * gib)).toBeNull();
    expect(smallestProfile('0x20B210DE', 79 * gib)).toBeNull();
    expect(smallestProfile('0x233010DE', 79.25 * gib)?.profile).toBe('7g.80gb');
    expect(smallestProfile('0x20B710DE', 13 * gib)?.profile).toBe('4g.24gb');
    expect(smallestProfile('0x999910DE', gib)).toBeNull();
  });
});
