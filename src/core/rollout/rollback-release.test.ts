import { expect, it } from 'vitest';
import { aDeployment, aRelease, testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { readEvent } from '../records/event.ts';
import { digestOf } from '../units/digest.ts';
import { outcomesOf } from './outcome.ts';
import type { Axis, Release, ReleaseBundles } from './release.ts';
import { makeRollbackRelease } from './rollback-release.ts';
import { chooseRollback } from './rollback-target.ts';

const bundlesOf = (name: string): ReleaseBundles => ({
  contract: digestOf(`${name} contract`),
  code: digestOf(`${name} code`),
  model: digestOf(`${name} model`),
  evidence: digestOf(`${name} evidence`),
});
const old: Release = { ...aRelease(1, { modelVersion: 1, codeName: 'c1' }), bundles: bundlesOf('old') };
const bad: Release = { ...aRelease(2, { modelVersion: 2, codeName: 'c2' }), bundles: bundlesOf('bad') };

function rollBack(axis: Axis, releases: readonly Release[]): Omit<Release, 'number'> {
  const outcomes = outcomesOf(
    releases.map(({ number }) => readEvent({ kind: 'release.live', data: { release: number } })),
  );
  const chosen = chooseRollback(
    { releases, outcomes, deployment: aDeployment({ live: 2 }), bars: [] },
    axis,
    undefined,
  );
  if ('refusal' in chosen) throw new Error(chosen.refusal.message);
  const request = { service: testService, environment: testEnvironment, axis, reason: 'bad' };
  return makeRollbackRelease(request, chosen.choice, 'ada', 5);
}

it('takes the axis and the evidence from the bundles of where it goes to, and keeps the rest', () => {
  expect(rollBack('model', [old, bad]).bundles).toEqual({
    contract: bad.bundles?.contract,
    code: bad.bundles?.code,
    model: old.bundles?.model,
    evidence: old.bundles?.evidence,
  });
  expect(rollBack('code', [old, bad]).bundles).toEqual({
    contract: bad.bundles?.contract,
    code: old.bundles?.code,
    model: bad.bundles?.model,
    evidence: old.bundles?.evidence,
  });
});

it('has no bundles where one of the two releases has none', () => {
  const { bundles: _old, ...oldest } = old;
  const { bundles: _bad, ...worst } = bad;
  expect(rollBack('model', [oldest, bad])).not.toHaveProperty('bundles');
  expect(rollBack('model', [old, worst])).not.toHaveProperty('bundles');
});
