import { expect, test } from 'vitest';
import type { ReleaseSummary, ServiceView } from '../../../src/schemas/view/view.ts';
import { planReleases } from './plan-releases.ts';

const code = 'sha256:c';
const pinned = { codeDigest: code, modelDigest: 'sha256:two' };

const release = (number: number, digest: string, codeDigest = code): ReleaseSummary => ({
  number,
  code: { digest: codeDigest, label: 'code' },
  model: { name: 'digits', version: digest === 'sha256:two' ? 2 : 1, digest },
  cause: 'release',
  unprovenPair: false,
  waived: [],
  createdAtMs: 0,
  createdBy: 'ada',
  state: 'live',
});

function view(releases: readonly ReleaseSummary[], live: number | null, incoming: number | null = null): ServiceView {
  return {
    service: 'digits',
    environment: 'default',
    owner: null,
    plimsollVersion: '0.1.0',
    nowMs: 0,
    gatewayUrl: null,
    model: 'digits',
    signature: null,
    releases,
    evidence: [],
    readiness: [],
    replicas: [],
    gateways: [],
    bars: [],
    routingGeneration: 0,
    deployment: {
      service: 'digits',
      environment: 'default',
      live,
      incoming,
      phase: 'live',
      step: 0,
      previous: null,
      reason: '',
      changedAtMs: 0,
      revision: 1,
    },
  };
}

const bar = (digest: string): ServiceView['bars'][number] => ({
  service: 'digits',
  environment: 'default',
  axis: 'model',
  digest: digest as `sha256:${string}`,
  reason: 'worse',
  by: 'ada',
  atMs: 0,
});

test('an empty state folder gets version 1 and then what the lock pins', () => {
  expect(planReleases({ ...view([], null), deployment: null }, pinned)).toEqual({ kind: 'both' });
});

test('what is pinned and live, or on its way in, stays', () => {
  const releases = [release(2, 'sha256:two'), release(1, 'sha256:one')];
  expect(planReleases(view(releases, 2), pinned)).toMatchObject({ kind: 'keep', release: 2 });
  expect(planReleases(view(releases, 1, 2), pinned)).toMatchObject({ kind: 'keep', release: 2 });
});

test('a start that was killed between the two releases goes on with the second', () => {
  expect(planReleases(view([release(1, 'sha256:one')], 1), pinned)).toEqual({ kind: 'current' });
});

test('a rollback stays rolled back: the bar is for people to lift', () => {
  const rolledBack = {
    ...view([release(3, 'sha256:one'), release(2, 'sha256:two'), release(1, 'sha256:one')], 3),
    bars: [bar('sha256:two')],
  };
  const plan = planReleases(rolledBack, pinned);
  expect(plan).toMatchObject({ kind: 'keep', release: 3 });
  expect(plan.kind === 'keep' && plan.reason).toContain('worse');
});

test('another code or another model than the live one is released', () => {
  expect(planReleases(view([release(2, 'sha256:two', 'sha256:other')], 2), pinned)).toEqual({ kind: 'current' });
  expect(planReleases(view([release(2, 'sha256:old')], 2), pinned)).toEqual({ kind: 'current' });
  expect(planReleases(view([release(1, 'sha256:one')], null), pinned)).toEqual({ kind: 'current' });
});
