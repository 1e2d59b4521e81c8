import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplicaState } from '../../../core/rollout/replica.ts';
import { decideSet, type SlotState } from './decide-set.ts';

const slot = (index: number, state: ReplicaState = 'ready', scheduledAtMs = index): SlotState => ({
  slot: index,
  replicaId: `r${index}`,
  state,
  scheduledAtMs,
});

describe('decideSet', () => {
  it('does nothing when there are as many as are wanted', () => {
    expect(decideSet([slot(0), slot(1)], 2, ['r0'])).toEqual({ start: [], stop: [] });
  });

  it('fills the lowest free slots', () => {
    expect(decideSet([slot(1)], 3, [])).toEqual({ start: [0, 2], stop: [] });
  });

  it('gives up what is named first, then what serves least, then the youngest', () => {
    const slots = [
      slot(0, 'ready', 1),
      slot(1, 'ready', 2),
      slot(2, 'starting'),
      slot(3, 'failed'),
      slot(4, 'ready', 0),
    ];
    expect(decideSet(slots, 0, ['r4', 'r0']).stop).toEqual([4, 0, 3, 2, 1]);
  });

  it('always comes out at the wanted number, and never stops and starts at once', () => {
    const slots = fc.uniqueArray(fc.nat(20)).map((indices) => indices.map((index) => slot(index)));
    fc.assert(
      fc.property(slots, fc.nat(20), (present, replicas) => {
        const { start, stop } = decideSet(present, replicas, []);
        const taken = new Set(present.map((each) => each.slot));
        expect(present.length + start.length - stop.length).toBe(replicas);
        expect(Math.min(start.length, stop.length)).toBe(0);
        expect(start.every((index) => !taken.has(index))).toBe(true);
        expect(stop.every((index) => taken.has(index))).toBe(true);
        expect(new Set([...start, ...stop]).size).toBe(start.length + stop.length);
      }),
    );
  });
});
