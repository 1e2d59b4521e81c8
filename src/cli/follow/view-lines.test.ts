import { describe, expect, it } from 'vitest';
import type { ShownAsk } from '../../core/rollout/release-ask.ts';
import { unknownSignals } from '../../core/scaling/signals.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { ReplicaView, ServiceView } from '../../schemas/view/view.ts';
import { isSettled, stepLine, viewLines } from './view-lines.ts';

const replica = (more: Partial<ReplicaView>): ReplicaView => ({
  replicaId: 'digits-default-aaaaaaaaaaaa-0001',
  set: 'digits-default-aaaaaaaaaaaa',
  pair: digestOf('pair'),
  release: 1,
  state: 'starting',
  reason: 'process 7 is starting',
  endpoint: null,
  pid: 7,
  node: 'here',
  restarts: 0,
  startedAtMs: 0,
  readyAtMs: null,
  phases: [],
  admitted: false,
  admission: 'not ready yet',
  modelVersion: 2,
  ...more,
});
const deployment: NonNullable<ServiceView['deployment']> = {
  service: 'digits',
  environment: 'default',
  live: null,
  incoming: 1,
  phase: 'starting',
  step: 0,
  previous: null,
  reason: 'its replicas start',
  changedAtMs: 0,
  revision: 1,
};
const view = (more: Partial<ServiceView>): ServiceView => ({
  service: 'digits',
  environment: 'default',
  owner: null,
  plimsollVersion: '1',
  nowMs: 0,
  gatewayUrl: null,
  model: 'digits',
  signature: null,
  deployment: null,
  releases: [],
  evidence: [],
  readiness: [],
  replicas: [],
  gateways: [],
  bars: [],
  routingGeneration: 0,
  ...more,
});

const ask: ShownAsk = {
  id: 'a1',
  state: 'requested',
  reason: 'nobody looked yet',
  by: 'ci',
  atMs: 0,
  changedAtMs: 0,
  bundle: digestOf('bundle'),
  progress: null,
};

const scaling = (more: Partial<NonNullable<ServiceView['scaling']>>): NonNullable<ServiceView['scaling']> => ({
  desired: 1,
  ordered: 1,
  min: 0,
  max: 4,
  actuator: 'plimsoll',
  policy: 'plimsoll',
  reason: 'little arrives',
  held: null,
  decidedAtMs: 0,
  signals: unknownSignals(0),
  ...more,
});

describe('the lines of `up`', () => {
  it('tell each change of the number that is wanted, with its reason, and none that is not ordered', () => {
    const at = (more: Parameters<typeof scaling>[0]) => view({ scaling: scaling(more) });
    const more = at({ ordered: 3, desired: 3, reason: '40 requests/s want 2.6' });
    expect(viewLines(at({}), more)).toEqual(['3 replicas wanted (before: 1): 40 requests/s want 2.6']);
    expect(viewLines(more, more)).toEqual([]);
    expect(viewLines(at({}), at({ desired: 3, actuator: 'keda' }))).toEqual([]);
    expect(viewLines(at({ ordered: null }), at({ ordered: null, desired: 3 }))).toEqual([]);
  });

  it('do not wait for replicas of a release that was scaled to zero', () => {
    const live = { ...deployment, incoming: null, live: 1, phase: 'live' as const };
    expect(isSettled(view({ deployment: live }))).toBe(false);
    expect(isSettled(view({ deployment: live, scaling: scaling({}) }))).toBe(false);
    expect(isSettled(view({ deployment: live, scaling: scaling({ ordered: 0, desired: 0 }) }))).toBe(true);
  });

  it('begin with the time since its start', () => {
    expect(stepLine(1_234, 'gateway answers')).toBe('   1.2 s  gateway answers');
  });

  it('say that there is no release yet, once', () => {
    expect(viewLines(null, view({}))).toEqual(['no release yet; next: plimsoll release']);
    expect(viewLines(view({}), view({}))).toEqual([]);
  });

  it('tell of a request once in each of its states, and of no release that is missing while one is open', () => {
    const asked = (state: ShownAsk['state'], more: Partial<ShownAsk> = {}) =>
      view({ asks: [{ ...ask, state, ...more }] });
    const requested = asked('requested');
    expect(viewLines(null, requested)).toEqual(['A release is requested: nobody looked yet']);
    expect(isSettled(requested)).toBe(false);
    expect(viewLines(requested, requested)).toEqual([]);
    const fetching = asked('fetching', { progress: { doneBytes: 1024, totalBytes: 4096 } });
    expect(viewLines(requested, fetching)).toEqual([
      'The requested model is being fetched (1KiB of 4KiB): nobody looked yet',
    ]);
    expect(viewLines(fetching, asked('fetching', { progress: { doneBytes: 2048, totalBytes: 4096 } }))).toEqual([]);
    const refused = asked('refused', { next: 'plimsoll evaluate' });
    expect(viewLines(fetching, refused)).toEqual([
      'The last request was refused: nobody looked yet; next: plimsoll evaluate',
    ]);
    expect(isSettled(refused)).toBe(true);
  });

  it('follow a replica through its states, with its phases', () => {
    const phases = [
      { phases: ['weights-fetch' as const], startMs: 0, durationMs: 12 },
      { phases: ['engine-init' as const, 'warm-up' as const], startMs: 12, durationMs: 1_300 },
    ];
    const starting = view({ replicas: [replica({})] });
    const ready = view({ replicas: [replica({ state: 'ready', phases })] });
    const admitted = view({ replicas: [replica({ state: 'ready', phases, admitted: true, admission: '64 of 64' })] });
    expect(viewLines(view({}), starting)).toEqual([
      'replica digits-default-aaaaaaaaaaaa-0001 is starting: process 7 is starting',
    ]);
    expect(viewLines(starting, ready)).toEqual([
      'replica digits-default-aaaaaaaaaaaa-0001 is ready: weights-fetch 0.012 s, engine-init+warm-up 1.3 s',
    ]);
    expect(viewLines(ready, admitted)).toEqual(['replica digits-default-aaaaaaaaaaaa-0001 admitted: 64 of 64']);
    expect(viewLines(admitted, admitted)).toEqual([]);
  });

  it('say what a release does when its state moves', () => {
    const first = view({ deployment });
    const live = view({
      deployment: { ...deployment, live: 1, incoming: null, phase: 'live', reason: 'ok', revision: 2 },
      replicas: [replica({ state: 'ready', admitted: true })],
    });
    expect(viewLines(null, first)).toEqual(['release 1 is starting: its replicas start']);
    expect(viewLines(first, live)).toContain('release 1 is live: ok');
  });

  it('name the release that failed, and not the one that goes on serving', () => {
    const reason = 'release 3 failed: exit status 1 after 0.4 s';
    const before = view({ deployment: { ...deployment, live: 1, incoming: 3 } });
    const after = view({
      deployment: { ...deployment, live: 1, incoming: null, phase: 'failed', reason, revision: 2 },
    });
    expect(viewLines(before, after)).toEqual([reason]);
  });
});

describe('a release that is live by the record', () => {
  const live = { ...deployment, live: 1, incoming: null, phase: 'live' as const, reason: '1 of 1 admitted' };
  const starting = view({ deployment: live, replicas: [replica({})] });
  const serving = view({ deployment: live, replicas: [replica({ admitted: true })] });

  it('does not repeat a reason of the past before a replica serves, and says so once one does', () => {
    expect(viewLines(null, starting)).toContain('release 1 is recorded as live; its replicas are awaited');
    expect(viewLines(starting, serving)).toContain('release 1 serves again');
    expect(viewLines(serving, serving)).toEqual([]);
  });
});

describe('a settled view', () => {
  const live = { ...deployment, live: 1, incoming: null, phase: 'live' as const };
  it.each([
    ['without a release', view({}), true],
    ['while a release comes in', view({ deployment }), false],
    ['when it failed', view({ deployment: { ...deployment, phase: 'failed' } }), true],
    ['when it is live but has no admitted replica', view({ deployment: live, replicas: [replica({})] }), false],
    ['when an admitted replica serves it', view({ deployment: live, replicas: [replica({ admitted: true })] }), true],
  ])('%s', (_name, each, settled) => {
    expect(isSettled(each)).toBe(settled);
  });
});
