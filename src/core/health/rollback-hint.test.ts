import { expect, test } from 'vitest';
import { aDeployment, aRelease, testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import type { ReleaseOutcome } from '../rollout/outcome.ts';
import type { Axis, Bar, Release } from '../rollout/release.ts';
import { rollbackCommand } from './rollback-hint.ts';

const bar = (axis: Axis, release: Release): Bar => ({
  service: testService,
  environment: testEnvironment,
  axis,
  digest: release[axis].digest,
  reason: 'it was bad',
  by: 'ada',
  atMs: 0,
});
const first = aRelease(1, { modelVersion: 1, codeName: 'c1' });
const newModel = aRelease(2, { modelVersion: 2, codeName: 'c1' });
const newCode = aRelease(2, { modelVersion: 1, codeName: 'c2' });
const both = aRelease(2, { modelVersion: 2, codeName: 'c2' });

test.each<[string, readonly Release[], readonly Bar[], string | null]>([
  ['nothing is live', [], [], null],
  ['the first release', [first], [], null],
  ['a new model', [first, newModel], [], 'plimsoll rollback --model'],
  ['new code', [first, newCode], [], 'plimsoll rollback --code'],
  ['both', [first, both], [], 'plimsoll rollback --model'],
  ['both, but the earlier model is barred', [first, both], [bar('model', first)], 'plimsoll rollback --code'],
  ['all that was before is barred', [first, newModel], [bar('model', first)], null],
])('the rollback that is proposed for %s', (_, releases, bars, command) => {
  const outcomes = new Map<number, ReleaseOutcome>(releases.map(({ number }) => [number, 'was-live']));
  const deployment = aDeployment({ live: releases.at(-1)?.number ?? null });
  expect(rollbackCommand({ releases, deployment, outcomes, bars })).toBe(command);
});
