import { describe, expect, it } from 'vitest';
import { aDeployment, aRelease, testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { readEvent } from '../records/event.ts';
import { outcomesOf } from './outcome.ts';
import type { Axis, Bar, Release } from './release.ts';
import { chooseRollback, type RollbackState } from './rollback-target.ts';

const live = (release: number) => readEvent({ kind: 'release.live', data: { release } });

function stateOf(releases: readonly Release[], over: Partial<RollbackState> = {}): RollbackState {
  return {
    releases,
    deployment: aDeployment({ live: releases.at(-1)?.number ?? null }),
    outcomes: outcomesOf(releases.map((release) => live(release.number))),
    bars: [],
    ...over,
  };
}
function barOn(axis: Axis, release: Release): Bar {
  return {
    service: testService,
    environment: testEnvironment,
    axis,
    digest: release[axis].digest,
    reason: 'it was bad',
    by: 'ada',
    atMs: 0,
  };
}
function choose(state: RollbackState, axis: Axis, to?: number) {
  const chosen = chooseRollback(state, axis, to);
  if ('refusal' in chosen) return { refused: chosen.refusal.code, message: chosen.refusal.message };
  const { from, to: target, code, model, unprovenPair, supersedes } = chosen.choice;
  return { from: from.number, to: target.number, code: code.digest, model: model.version, unprovenPair, supersedes };
}

const m1c1 = aRelease(1, { modelVersion: 1, codeName: 'c1' });
const m2c1 = aRelease(2, { modelVersion: 2, codeName: 'c1' });
const m2c2 = aRelease(3, { modelVersion: 2, codeName: 'c2' });

describe('choosing what a rollback brings back', () => {
  it('moves the model alone, to the newest earlier one that carried traffic', () => {
    expect(choose(stateOf([m1c1, m2c1]), 'model')).toEqual({
      from: 2,
      to: 1,
      code: m2c1.code.digest,
      model: 1,
      unprovenPair: false,
      supersedes: null,
    });
  });

  it('marks a pair that never ran: the old model with the new code', () => {
    expect(choose(stateOf([m1c1, m2c1, m2c2]), 'model')).toMatchObject({
      to: 1,
      code: m2c2.code.digest,
      unprovenPair: true,
    });
  });

  it('moves the code alone', () => {
    expect(choose(stateOf([m1c1, m2c1, m2c2]), 'code')).toMatchObject({
      to: 2,
      code: m2c1.code.digest,
      model: 2,
      unprovenPair: false,
    });
  });

  it('passes over a release that never carried traffic', () => {
    const state = stateOf([m1c1, m2c1, aRelease(3, { modelVersion: 3 })], { outcomes: outcomesOf([live(1), live(3)]) });
    expect(choose(state, 'model')).toMatchObject({ from: 3, to: 1 });
  });

  it('passes over a barred one, and says how to lift the bar when nothing else is left', () => {
    const m3 = aRelease(4, { modelVersion: 3 });
    expect(choose(stateOf([m1c1, m2c1, m3], { bars: [barOn('model', m2c1)] }), 'model')).toMatchObject({ to: 1 });
    const refused = chooseRollback(stateOf([m1c1, m2c1], { bars: [barOn('model', m1c1)] }), 'model', undefined);
    expect(refused).toMatchObject({
      refusal: { code: 'barred', next: expect.stringMatching(/release --lift-bar model:[0-9a-f]{12} --reason/) },
    });
  });

  it('leaves the release that is on its way in, where that one moved the axis', () => {
    const state = stateOf([m1c1, m2c1], {
      deployment: aDeployment({ live: 1, incoming: 2, phase: 'starting' }),
      outcomes: outcomesOf([live(1)]),
    });
    expect(choose(state, 'model')).toMatchObject({ from: 2, to: 1, supersedes: 2, unprovenPair: false });
  });

  it('leaves the live one, and ends the incoming one, where the incoming one moved the other axis', () => {
    const state = stateOf([m1c1, m2c1, m2c2], {
      deployment: aDeployment({ live: 2, incoming: 3, phase: 'starting' }),
      outcomes: outcomesOf([live(1), live(2)]),
    });
    expect(choose(state, 'model')).toMatchObject({ from: 2, to: 1, supersedes: 3, code: m2c1.code.digest });
  });

  describe('while a drill has the service at the version before', () => {
    const away = aRelease(3, {
      modelVersion: 1,
      codeName: 'c1',
      cause: { kind: 'rollback', axis: 'model', from: 2, to: 1, reason: 'drill', drill: true },
    });
    const drilling = stateOf([m1c1, m2c1, away]);

    it('leaves what the drill left, and not the good version that the drill went to', () => {
      expect(choose(drilling, 'model')).toMatchObject({ from: 2, to: 1, model: 1 });
    });

    it('does so too while the replicas of the way there start', () => {
      const deployment = aDeployment({ live: 2, incoming: 3, phase: 'starting' });
      expect(choose({ ...drilling, deployment, outcomes: outcomesOf([live(1), live(2)]) }, 'model')).toMatchObject({
        from: 2,
        to: 1,
        supersedes: 3,
      });
    });

    it('goes back to what the drill left, where that one is named', () => {
      expect(choose(drilling, 'model', 2)).toMatchObject({ from: 3, to: 2, model: 2 });
    });

    it('moves the code beside the model that the drill left', () => {
      const older = aRelease(4, {
        modelVersion: 1,
        codeName: 'c2',
        cause: { kind: 'rollback', axis: 'model', from: 3, to: 1, reason: 'drill', drill: true },
      });
      expect(choose(stateOf([m1c1, m2c1, m2c2, older]), 'code')).toMatchObject({ from: 3, to: 2, model: 2 });
    });
  });

  it.each([
    ['nothing was ever live', stateOf([], { deployment: null }), undefined, 'nothing-to-roll-back'],
    ['there is no other model', stateOf([m1c1]), undefined, 'nothing-to-roll-back'],
    ['the named release is unknown', stateOf([m1c1, m2c1]), 9, 'unknown-release'],
    ['the named release has the same model', stateOf([m2c1, m2c2]), 2, 'same-digest'],
    [
      'the named release never carried traffic',
      stateOf([m1c1, m2c1], { outcomes: outcomesOf([live(2)]) }),
      1,
      'never-live',
    ],
    ['the named model is barred', stateOf([m1c1, m2c1], { bars: [barOn('model', m1c1)] }), 1, 'barred'],
  ])('refuses when %s', (_why, state, to, code) => {
    expect(choose(state, 'model', to)).toMatchObject({ refused: code });
  });

  it('takes the golden set that the pair ran on; for a new pair the one that was recorded for the model', () => {
    const again = aRelease(3, {
      modelVersion: 2,
      codeName: 'c1',
      golden: { dataName: 'g', blob: `sha256:${'9'.repeat(64)}` },
    });
    const proven = chooseRollback(stateOf([m1c1, m2c1, again, aRelease(4, { modelVersion: 3 })]), 'model', 2);
    expect(proven).toMatchObject({ choice: { golden: again.golden } });
    const unproven = chooseRollback(stateOf([m1c1, m2c1, m2c2]), 'model', undefined);
    expect(unproven).toMatchObject({ choice: { golden: m1c1.golden } });
  });
});
