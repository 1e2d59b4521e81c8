import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LearnedEvidence, LearnedRatio } from '../policy.ts';
import { departsAfterMs, findDepartures, nothingDeparts, type Departure } from './learned-departure.ts';

const right: LearnedRatio = { estimate: 1, lower: 0.95, upper: 1.05, samples: 1_000 };
const learnt = (over: Partial<LearnedEvidence>): LearnedEvidence => ({
  capacity: right,
  starts: { ...right, samples: 20 },
  trusted: true,
  distrustedSinceMs: null,
  ...over,
});
const ratio = (lower: number, upper: number, samples = 1_000): LearnedRatio => ({
  estimate: (lower + upper) / 2,
  lower,
  upper,
  samples,
});

/** Looks once a minute at the same, from moment 0 on; gives what departs at each look. */
function looksAt(learned: LearnedEvidence | null, minutes = 6): readonly (readonly Departure['part'][])[] {
  let hold = nothingDeparts;
  return Array.from({ length: minutes + 1 }, (_, minute) => {
    const look = findDepartures(hold, learned, minute * 60_000);
    hold = look.hold;
    return look.departures.map(({ part }) => part);
  });
}
const after = (learned: LearnedEvidence | null): readonly Departure['part'][] => looksAt(learned).at(-1) ?? [];

describe('evidence departs from live data', () => {
  it.each<[string, LearnedEvidence | null, readonly Departure['part'][]]>([
    ['not where they agree', learnt({}), []],
    ['not where nothing learns', null, []],
    ['where replicas carry half', learnt({ capacity: ratio(0.48, 0.56) }), ['capacity']],
    ['where replicas carry twice as much', learnt({ capacity: ratio(1.9, 2.1) }), ['capacity']],
    ['not where the interval reaches the band', learnt({ capacity: ratio(0.5, 0.81) }), []],
    ['not by few answers', learnt({ capacity: ratio(0.48, 0.56, 199) }), []],
    ['where starts take twice as long', learnt({ starts: ratio(1.8, 2.4, 5) }), ['starts']],
    ['not by few starts', learnt({ starts: ratio(1.8, 2.4, 4) }), []],
    ['while the policy acts on feedback alone', learnt({ trusted: false, distrustedSinceMs: 7 }), ['capacity']],
    [
      'in starts alone, where these explain the feedback',
      learnt({ trusted: false, distrustedSinceMs: 7, starts: ratio(1.8, 2.4, 9) }),
      ['starts'],
    ],
    ['in both parts', learnt({ capacity: ratio(0.4, 0.5), starts: ratio(1.8, 2.4, 9) }), ['capacity', 'starts']],
  ])('%s', (_when, learned, parts) => {
    expect(after(learned)).toEqual(parts);
  });

  it('only after five minutes in a row', () => {
    const half = learnt({ capacity: ratio(0.48, 0.56) });
    expect(looksAt(half).map((parts) => parts.length)).toEqual([0, 0, 0, 0, 0, 1, 1]);
    const begun = findDepartures(nothingDeparts, half, 0).hold;
    const paused = findDepartures(begun, learnt({}), departsAfterMs - 1).hold;
    expect(findDepartures(paused, half, departsAfterMs).departures).toEqual([]);
  });

  it('with what was seen, and for how long', () => {
    const reasonOf = (learned: LearnedEvidence): string => {
      const { hold } = findDepartures(nothingDeparts, learned, 0);
      return findDepartures(hold, learned, departsAfterMs).departures[0]?.reason ?? '';
    };
    expect(reasonOf(learnt({ capacity: ratio(0.48, 0.56, 1_240) }))).toBe(
      'for 5m 0s a replica has carried 52% (48% to 56%, 1,240 answers) of the rate that was measured',
    );
    expect(reasonOf(learnt({ trusted: false, distrustedSinceMs: 3 }))).toBe(
      'for 5m 0s scaling has acted on feedback alone: what it promised by this evidence did not come true',
    );
    expect(reasonOf(learnt({ starts: ratio(2, 2.2, 14) }))).toBe(
      'for 5m 0s starts have taken 210% (200% to 220%, 14 starts) of the time that was measured',
    );
  });

  it('never where the ratio of what was told lies inside its interval, whatever its width', () => {
    const around1 = fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 1, max: 9, noNaN: true }));
    fc.assert(
      fc.property(around1, around1, (capacity, starts) => {
        expect(after(learnt({ capacity: ratio(...capacity), starts: ratio(...starts) }))).toEqual([]);
      }),
    );
  });
});
