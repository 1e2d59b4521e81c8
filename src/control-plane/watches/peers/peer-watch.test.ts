import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerLook } from '../../../core/diagnosis/peers/find-outliers.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { PeerWatch } from './peer-watch.ts';

const signal = new AbortController().signal;
const seen = { replicas: [{ node: 'bad' } as ObservedReplica] };
const look = (node: string, width: number): PeerLook => ({
  ...{ node, device: 'GPU-1', deviceClass: 'h100', isLoaded: true },
  facts: { bandwidth: null, 'link-width': width, 'link-generation': null, clock: null },
});

let clock: FakeClock;
let looks: readonly PeerLook[] | null;
let watch: PeerWatch;
beforeEach(() => {
  clock = new FakeClock();
  looks = [...['a', 'b', 'c'].map((node) => look(node, 16)), look('bad', 8), look('elsewhere', 4)];
  watch = new PeerWatch({ clock, source: async () => looks });
});

const lookLater = async () => {
  await clock.advance(60_000);
  return (await watch.look(seen, signal)).map(({ event }) => event);
};

describe('PeerWatch', () => {
  it('tells once, after three looks, of a node that the service runs on, and of no other', async () => {
    expect([await lookLater(), await lookLater()]).toEqual([[], []]);
    expect(await lookLater()).toEqual([
      {
        kind: 'hardware.left-peers',
        summary: 'bad GPU-1 has a link of a width of 8; the median of 4 peers is 16',
        data: { node: 'bad', device: 'GPU-1', fact: 'link-width', value: 8, median: 16, peers: 4, change: 'left' },
      },
    ]);
    watch.recorded();
    expect(await lookLater()).toEqual([]);
  });

  it('tells again what was not recorded', async () => {
    for (let count = 0; count < 3; count += 1) await lookLater();
    expect(await lookLater()).toHaveLength(1);
  });

  it('tells that it is back', async () => {
    for (let count = 0; count < 3; count += 1) await lookLater();
    watch.recorded();
    looks = ['a', 'b', 'c', 'bad'].map((node) => look(node, 16));
    expect([await lookLater(), await lookLater()]).toEqual([[], []]);
    expect(await lookLater()).toMatchObject([{ data: { change: 'returned', value: null } }]);
  });

  it('says nothing where nobody tells of accelerators', async () => {
    looks = null;
    for (let count = 0; count < 5; count += 1) expect(await lookLater()).toEqual([]);
  });
});
