import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../records/event.ts';
import { listLeftPeers } from './left-peers.ts';
import type { NodeEvent, Observations, ReplicaGolden } from './observations.ts';
import { triage } from './triage.ts';

const event = (
  change: 'left' | 'returned',
  atMs: number,
  more: Readonly<Record<string, unknown>> = {},
): StoredEvent => ({
  ...{ seq: atMs, service: 'digits', environment: 'prod', summary: '', by: 'watch', atMs, kind: 'hardware.left-peers' },
  data: {
    ...{ node: 'gpu-3', device: 'GPU-1', fact: 'link-width', median: 16, peers: 7, change },
    value: change === 'left' ? 8 : null,
    ...more,
  },
});

it('tells the accelerators that are below their peers, with the fact and the median', () => {
  expect(listLeftPeers([event('left', 5)])).toEqual([
    {
      ...{ node: 'gpu-3', atMs: 5, kind: 'left-peers', code: null },
      detail: 'GPU-1: link-width 8, median of its peers 16',
    },
  ]);
});

it('forgets one that returned, and no other fact or device of the node', () => {
  const clock = { fact: 'clock', value: 900, median: 1_900 };
  const events = [
    event('left', 5),
    event('left', 6, clock),
    event('left', 7, { device: 'GPU-2' }),
    event('returned', 8),
  ];
  expect(listLeftPeers(events).map(({ atMs }) => atMs)).toEqual([6, 7]);
  expect(listLeftPeers([...events, event('left', 9)]).map(({ atMs }) => atMs)).toEqual([6, 7, 9]);
});

it('makes nothing of an event without its facts, nor of other events', () => {
  const other = { ...event('left', 5), kind: 'hardware.unreadable', data: { reason: 'x' } } as StoredEvent;
  const empty = { ...event('left', 6), data: {} } as StoredEvent;
  expect(listLeftPeers([other, empty])).toEqual([]);
});

describe('an alarm beside a node that left its peers', () => {
  const detail = 'GPU-1: link-width 8, median of its peers 16';
  const leftAt = (atMs: number, node = 'node-a'): NodeEvent => ({ node, atMs, kind: 'left-peers', code: null, detail });
  const replica = (replicaId: string, verdict: ReplicaGolden['verdict'] = 'pass'): ReplicaGolden => ({
    ...{ replicaId, release: 3, node: `node-${replicaId}`, deviceClass: 'h100', fingerprint: 'one', verdict },
    ...{ replays: 4, atMs: 1_000 },
  });
  const stable = { verdict: 'stable', features: [] } as const;
  const good: Observations = {
    ...{ onset: { fromMs: 900, toMs: 950 }, golden: ['a', 'b', 'c'].map((id) => replica(id)) },
    replicas: { verdict: 'none', rows: 5_000, neededRows: 2_000 },
    releases: { verdict: 'one-arm' },
    ...{ inputs: stable, outputs: stable, quality: { verdict: 'held' }, files: [], nodeEvents: [], changes: [] },
    traffic: { verdict: 'unknown', arm: null, shares: 'unknown' },
  };
  const see = (more: Partial<Observations>) => triage({ ...good, ...more });
  const moved = { inputs: { verdict: 'moved', features: ['amount'] } } as const;
  const fell = { quality: { verdict: 'fell' } } as const;

  it('names the node where its golden replays fail, with the device as evidence', () => {
    const golden = [replica('a', 'fail'), replica('b'), replica('c')];
    const [cause] = namedIn(see({ golden, nodeEvents: [leftAt(1_100)] }));
    expect(cause).toMatchObject({ cause: 'node', replicas: ['a'] });
    expect(cause?.evidence).toContain(`left-peers on node node-a (${detail})`);
  });

  it('tells the device also where golden replays pass there, and the random share names the replica', () => {
    const seen = { replicas: { verdict: 'named', arm: 'a', rows: 700 }, nodeEvents: [leftAt(500)] } as const;
    expect(namedIn(see(seen))[0]?.evidence).toContain(`left-peers on node node-a (${detail})`);
    expect(namedIn(see({ ...seen, nodeEvents: [leftAt(500, 'node-b')] }))[0]?.evidence.join()).not.toContain(
      'left-peers',
    );
  });

  it.each([
    ['inputs moved', moved],
    ['quality fell', fell],
    ['nothing else is off', {}],
  ])('names neither data nor concept before golden replays passed on the node: %s', (_what, off) => {
    const answer = see({ ...off, nodeEvents: [leftAt(1_100)] });
    expect(answer).toMatchObject({ verdict: 'abstains', signs: expect.arrayContaining(['hardware-error']) as unknown });
    expect(answer.verdict === 'abstains' ? answer.decides.map(({ observation }) => observation) : []).toContain(
      'golden replays of a',
    );
  });

  it('names them once golden replays passed there since', () => {
    expect(namedIn(see({ ...moved, nodeEvents: [leftAt(500)] })).map(({ cause }) => cause)).toEqual(['data']);
    expect(namedIn(see({ ...fell, nodeEvents: [leftAt(500)] })).map(({ cause }) => cause)).toEqual(['concept']);
  });
});

const namedIn = (answer: ReturnType<typeof triage>) => (answer.verdict === 'named' ? answer.causes : []);
