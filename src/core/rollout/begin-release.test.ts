import { describe, expect, it } from 'vitest';
import { aDeployment, aRelease, testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { beginRelease, type BeginningWorld } from './begin-release.ts';
import { outcomesOf } from './outcome.ts';
import type { Release } from './release.ts';

const nothing: BeginningWorld = { deployment: null, canary: null, left: null, staleEvidence: [], undrilled: false };
const kindsOf = (release: Release, world: Partial<BeginningWorld>) =>
  beginRelease(release, { ...nothing, ...world }).events.map(({ kind }) => kind);
const createdBy = (release: Release, world: Partial<BeginningWorld>) =>
  beginRelease(release, { ...nothing, ...world }).events.find(({ kind }) => kind === 'release.created');

const m2 = aRelease(2);
const rollback = (drill?: true): Release =>
  aRelease(3, {
    modelVersion: 1,
    createdBy: 'ada',
    createdAtMs: 9_000,
    cause: { kind: 'rollback', axis: 'model', from: 2, to: 1, reason: 'worse', ...(drill ? { drill } : {}) },
  });

describe('a release that begins', () => {
  it('comes in, and leaves what is live and what is kept where they are', () => {
    const previous = { release: 1, untilMs: 5 };
    const deployment = aDeployment({ live: 2, previous, step: 1, phase: 'live' });
    expect(beginRelease(aRelease(3, { createdAtMs: 9_000 }), { ...nothing, deployment }).deployment).toEqual({
      service: testService,
      environment: testEnvironment,
      live: 2,
      incoming: 3,
      phase: 'starting',
      step: 0,
      previous,
      reason: 'release 3 comes in',
      changedAtMs: 9_000,
    });
    expect(beginRelease(aRelease(1), nothing).deployment).toMatchObject({ live: null, previous: null });
  });

  it('puts an end to a release that comes in and to its step, in this order', () => {
    const deployment = aDeployment({ live: 1, incoming: 2, phase: 'stepping' });
    const canary = { release: 2, step: 1, judgement: null };
    const begun = beginRelease(aRelease(3), { ...nothing, deployment, canary });
    expect(begun.events.map(({ kind, data }) => [kind, 'release' in data && data.release])).toEqual([
      ['release.superseded', 2],
      ['rollout.aborted', 2],
      ['release.created', 3],
    ]);
    expect(begun.endsStep).toBe(true);
    expect([...outcomesOf(begun.events)]).toEqual([[2, 'superseded']]);
  });

  it('tells what it is made of, what was waived and that nothing was drilled', () => {
    const waiver = { kind: 'cost' as const, reason: 'later', untilMs: 9, by: 'ada', atMs: 2 };
    const created = createdBy(aRelease(2, { waivers: [waiver] }), { undrilled: true });
    expect(created?.summary).toMatch(
      /^Release 2: model digits version 2 with code [0-9a-f]{12}; waived: cost; no way back was drilled, because/,
    );
    expect(created?.data).toMatchObject({ release: 2, cause: { kind: 'release' }, waivers: [waiver] });
    expect(created?.data).not.toHaveProperty('staleEvidence');
  });
});

describe('a rollback that begins', () => {
  it('bars the digest that it leaves, and says so last', () => {
    const begun = beginRelease(rollback(), { ...nothing, deployment: aDeployment({ live: 2 }), left: m2 });
    expect(begun.bar).toEqual({
      service: testService,
      environment: testEnvironment,
      axis: 'model',
      digest: m2.model.digest,
      reason: 'worse',
      by: 'ada',
      atMs: 9_000,
    });
    expect(begun.events.map(({ kind }) => kind)).toEqual(['release.created', 'bar.added']);
    expect(begun.events.at(-1)).toMatchObject({
      by: 'ada',
      atMs: 9_000,
      data: { release: 3, digest: m2.model.digest },
    });
  });

  it('bars nothing where it is a drill, or leaves what a drill went to', () => {
    const away = aRelease(2, {
      cause: { kind: 'rollback', axis: 'model', from: 4, to: 1, reason: 'drill', drill: true },
    });
    expect(kindsOf(rollback(true), { left: m2 })).toEqual(['release.created']);
    expect(kindsOf(rollback(), { left: away })).toEqual(['release.created']);
  });

  it('is told with its reason, that its pair is unproven, and what is stale of its evidence', () => {
    const created = createdBy({ ...rollback(), unprovenPair: true }, { left: m2, staleEvidence: ['hardware: moved'] });
    expect(created?.summary).toBe(
      'Release 3: rollback of the model from release 2 to release 1, an unproven pair: worse; its evidence is stale: hardware: moved',
    );
    expect(created?.data).toMatchObject({ unprovenPair: true, staleEvidence: ['hardware: moved'] });
  });
});
