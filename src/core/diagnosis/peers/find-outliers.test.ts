import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { findOutliers, type PeerFact, type PeerLook } from './find-outliers.ts';
import { PeerMemory, describePeerNews, placeOf } from './peer-memory.ts';

const look = (node: string, facts: Partial<Record<PeerFact, number | null>> = {}, isLoaded = true): PeerLook => ({
  ...{ node, device: 'GPU-0', deviceClass: 'h100', isLoaded },
  facts: { bandwidth: 25, 'link-width': 16, 'link-generation': 5, clock: 1_900, ...facts },
});
const fleet = (last: PeerLook, count = 4): readonly PeerLook[] => [
  ...Array.from({ length: count - 1 }, (_, at) => look(`node-${at}`)),
  last,
];
const factsOf = (looks: readonly PeerLook[]) => findOutliers(looks).map(({ node, fact }) => `${node} ${fact}`);

describe('findOutliers', () => {
  it.each<[what: string, facts: Partial<Record<PeerFact, number | null>>, found: readonly string[]]>([
    ['nothing', {}, []],
    ['half the lanes', { 'link-width': 8 }, ['bad link-width']],
    ['a link stuck at generation 2', { 'link-generation': 2 }, ['bad link-generation']],
    ['half the bandwidth', { bandwidth: 12 }, ['bad bandwidth']],
    ['a fifth less bandwidth', { bandwidth: 20 }, []],
    ['a hot board', { clock: 1_200 }, ['bad clock']],
    ['a slightly slower board', { clock: 1_750 }, []],
    ['a faster board', { clock: 2_500, bandwidth: 90 }, []],
    ['an unknown clock', { clock: null }, []],
  ])('finds %s', (_what, facts, found) => {
    expect(factsOf(fleet(look('bad', facts)))).toEqual(found);
  });

  it('needs three peers', () => {
    expect(factsOf(fleet(look('bad', { 'link-width': 8 }), 3))).toEqual([]);
  });

  it('compares devices of one class alone', () => {
    const other = { ...look('t4', { 'link-width': 8, clock: 1_000 }), deviceClass: 't4' };
    expect(factsOf(fleet(other))).toEqual([]);
  });

  it('does not compare clocks and generations of idle devices', () => {
    expect(factsOf(fleet(look('idle', { clock: 300, 'link-generation': 1 }, false)))).toEqual([]);
  });

  it('blames no majority: with two of four off, nobody is told', () => {
    const looks = [look('a'), look('b'), look('c', { 'link-width': 8 }), look('d', { 'link-width': 8 })];
    expect(factsOf(looks)).toEqual([]);
  });

  it('finds one device that is half as good as its peers, whatever the fleet is like', () => {
    const value = fc.double({ min: 0.97, max: 1.03, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 5, maxLength: 30 }), (spread) => {
        const looks = spread.map((factor, at) => look(`n${at}`, { bandwidth: 25 * factor }));
        expect(factsOf([...looks, look('bad', { bandwidth: 12 })])).toContain('bad bandwidth');
      }),
    );
  });
});

describe('PeerMemory', () => {
  const compared = new Set(['bad GPU-0']);
  const bad = findOutliers(fleet(look('bad', { 'link-width': 8 })));

  it('tells once after three looks in a row, and once when it is back', () => {
    const memory = new PeerMemory();
    const news = [bad, bad, bad, bad, [], bad, [], [], []].map((outliers) => memory.add(outliers, compared));
    expect(news.map((each) => each.map(({ change }) => change))).toEqual([
      [],
      [],
      ['left'],
      [],
      [],
      [],
      [],
      [],
      ['returned'],
    ]);
    const [told] = news[2] ?? [];
    expect(told === undefined ? '' : describePeerNews(told)).toBe(
      'bad GPU-0 has a link of a width of 8; the median of 3 peers is 16',
    );
  });

  it('forgets one that two looks found, and one that is gone', () => {
    const memory = new PeerMemory();
    const news = [bad, bad, [], bad, bad].flatMap((outliers) => memory.add(outliers, compared));
    expect(news).toEqual([]);
    expect(memory.add([], new Set())).toEqual([]);
  });

  it('gives no false alarm in 100 looks at 200 healthy devices', () => {
    const random = seededRandom(7);
    const memory = new PeerMemory();
    // Boards differ by 3% all the time; each look differs by another 5%, and one copy in a hundred is disturbed.
    const boards = Array.from({ length: 200 }, () => 1 + 0.03 * (2 * random.nextShare() - 1));
    let alarms = 0;
    for (let at = 0; at < 100; at += 1) {
      const looks = boards.map((factor, board) => {
        const noise = 1 + 0.05 * (2 * random.nextShare() - 1);
        const disturbed = random.nextShare() < 0.01 ? 0.4 : 1;
        return look(`n${board}`, { bandwidth: 25 * factor * noise * disturbed, clock: 1_900 * factor * noise });
      });
      alarms += memory.add(findOutliers(looks), new Set(looks.map(placeOf))).length;
    }
    expect(alarms).toBe(0);
  });
});
