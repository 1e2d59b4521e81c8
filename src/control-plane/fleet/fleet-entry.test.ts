import { describe, expect, it } from 'vitest';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import { makeFleetEntry } from './fleet-entry.ts';

const release = {
  number: 2,
  code: { digest: 'sha256:c', label: 'main' },
  model: { name: 'digits', version: 7, digest: 'sha256:m' },
  createdAtMs: 50,
};
const deployment = { live: 2, incoming: null, phase: 'live', reason: '', changedAtMs: 90 };
const aView = (over: object = {}): ServiceView =>
  ({
    nowMs: 4_000_000,
    deployment,
    releases: [release],
    replicas: [
      { release: 2, state: 'ready' },
      { release: 2, state: 'starting' },
      { release: 1, state: 'ready' },
    ],
    promises: { availabilityShare: 0.99, latency: [], starts: [] },
    ...over,
  }) as unknown as ServiceView;
const evidence = (over: Partial<EvidenceState>): EvidenceState => ({
  ...{ kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: [], available: true },
  ...over,
});
const entry = (view: ServiceView | null, states: readonly EvidenceState[] = [], requests = 0, failed = 0) =>
  makeFleetEntry({
    ...{ service: 'digits', environment: 'prod', owner: 'vision', health: null, view, evidence: states },
    spans: requests === 0 ? [] : [{ fromMs: 3_900_000, toMs: 3_990_000, requests, failed, latency: {} }],
  });

describe('a service in one row', () => {
  it('says what is live, since when, and how many of its replicas are ready', () => {
    expect(entry(aView())).toMatchObject({
      live: { release: 2, code: 'main', model: { name: 'digits', version: 7 }, sinceMs: 90 },
      replicas: { ready: 1, wanted: null },
      underWay: null,
    });
  });

  it('says nothing of what was not looked at', () => {
    expect(entry(null)).toMatchObject({ live: null, objective: null, underWay: null, replicas: { ready: 0 } });
  });

  it('says what the last hour kept of a promise, and that nothing is known without a request', () => {
    expect(entry(aView(), [], 200, 1).objective).toEqual({ availabilityShare: 0.99, metShare: 0.995 });
    expect(entry(aView()).objective).toEqual({ availabilityShare: 0.99, metShare: null });
    expect(entry(aView({ promises: null })).objective).toBeNull();
  });

  it.each([
    ['fresh and passing', {}, 0],
    ['stale', { freshness: 'stale' }, 1],
    ['fresh and failing', { verdict: 'fail' }, 1],
    ['unknown', { freshness: 'unknown', verdict: 'unknown' }, 1],
    ['missing and waived', { freshness: 'missing', verdict: 'unknown', waiver: { kind: 'golden' } }, 0],
  ])('counts evidence that is %s as so many gaps', (_what, over, gaps) => {
    const notAsked = evidence({ freshness: 'not-asked', verdict: 'unknown' });
    expect(entry(aView(), [evidence(over as Partial<EvidenceState>), notAsked]).evidence).toEqual({ asked: 1, gaps });
  });

  it('tells of an open drift alarm, by the evidence of its watch', () => {
    const reasons = ['feature amount changed', 'group image changed'];
    expect(entry(aView(), [evidence({ kind: 'monitoring', verdict: 'fail', reasons })]).drift).toBe(
      'feature amount changed',
    );
    expect(entry(aView(), [evidence({ verdict: 'fail', reasons }), evidence({ kind: 'monitoring' })]).drift).toBeNull();
  });

  it.each([
    ['a step', { rollout: { release: 3, share: 0.1, pause: null } }, 'release 3 is at 10%'],
    ['a paused shadow', { rollout: { release: 3, share: 0, pause: {} } }, 'release 3 is in the shadow, paused'],
    ['a start', { deployment: { ...deployment, incoming: 3, phase: 'starting' } }, 'release 3 is starting'],
    ['a model on its way', { asks: [{ state: 'fetching' }] }, 'a model is fetched'],
    ['a request', { asks: [{ state: 'requested' }] }, 'a release is requested'],
    ['a failure', { deployment: { ...deployment, phase: 'failed', reason: 'no memory' } }, 'failed: no memory'],
    ['a refusal', { asks: [{ state: 'refused', reason: 'it is barred' }] }, 'refused: it is barred'],
  ])('tells of %s', (_what, over, said) => {
    expect(entry(aView(over)).underWay).toBe(said);
  });
});
