import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAliasStep, type AliasSides } from './registry-sync.ts';

const inStep = { outcome: 'in-step', remote: '3', local: 1 } as const;
const at = (version: string, local: number | null) => ({ version, local });

describe('decideAliasStep', () => {
  it.each<[string, AliasSides, string]>([
    ['nothing moved', { remote: at('3', 1), local: 1, last: inStep }, 'none'],
    ['moved there', { remote: at('4', 2), local: 1, last: inStep }, 'follow'],
    ['moved there to what has not come over', { remote: at('4', null), local: 1, last: inStep }, 'follow'],
    ['taken away there', { remote: null, local: 1, last: inStep }, 'follow'],
    ['moved here', { remote: at('3', 1), local: 2, last: inStep }, 'write-back'],
    ['taken away here', { remote: at('3', 1), local: null, last: inStep }, 'write-back'],
    ['moved apart', { remote: at('4', 2), local: 5, last: inStep }, 'both-moved'],
    ['moved to the same', { remote: at('4', 2), local: 2, last: inStep }, 'note-in-step'],
    [
      'pending, and moved there since',
      { remote: at('9', 7), local: 2, last: { ...inStep, outcome: 'pending' } },
      'write-back',
    ],
    ['never seen', { remote: at('3', 1), local: null, last: null }, 'follow'],
    ['never seen, and nothing there', { remote: null, local: 4, last: null }, 'none'],
  ])('%s', (_what, sides, step) => expect(decideAliasStep(sides)).toBe(step));

  it('comes to rest within two turns after any moves, and never changes what was moved here', () => {
    const move = fc.record({
      side: fc.constantFrom('here', 'there'),
      to: fc.option(fc.integer({ min: 1, max: 4 })),
      turn: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
        let [remote, local, last]: [number | null, number | null, AliasSides['last']] = [null, null, null];
        const turn = (): string => {
          const remoteSide = remote === null ? null : at(String(remote), remote);
          const step = decideAliasStep({ remote: remoteSide, local, last });
          if (step === 'follow') {
            if (last !== null && local !== last.local) throw new Error('a move made here was lost');
            local = remote;
          }
          if (step === 'write-back' || step === 'both-moved') remote = local;
          if (step !== 'none') last = { outcome: 'in-step', remote: remote === null ? null : String(remote), local };
          return step;
        };
        for (const { side, to, turn: now } of moves) {
          if (side === 'here') local = to;
          else remote = to;
          if (now) turn();
        }
        turn();
        expect(turn()).toBe('none');
      }),
      { numRuns: 2_000 },
    );
  });
});
