import { expect, it } from 'vitest';
import { changedInputs } from './changed-inputs.ts';
import { emptyDrift, type DriftState, type OpenAlarm } from '../drift-state.ts';

const alarm = (more: Partial<OpenAlarm>): OpenAlarm =>
  ({ kind: 'feature', name: 'x.mean', arm: null, moved: 'x.mean: mean moved', ...more }) as OpenAlarm;
const state = (...alarms: readonly OpenAlarm[]): DriftState => ({
  ...emptyDrift,
  inputGroups: ['x'],
  features: [
    { name: 'x.mean', group: 'x', kind: 'numeric' },
    { name: 'y.class', group: 'y', kind: 'category' },
  ],
  alarms,
});

it.each<[string, readonly string[], DriftState]>([
  ['no alarm', [], state()],
  ['an input', ['x.mean'], state(alarm({}))],
  ['an input told twice', ['x.mean'], state(alarm({}), alarm({ atMs: 2 }))],
  ['a group of inputs', ['x'], state(alarm({ kind: 'group', name: 'x' }))],
  ['an output', [], state(alarm({ name: 'y.class' }), alarm({ kind: 'group', name: 'y' }))],
  ['a comparison of replicas', [], state(alarm({ arm: 'r1', moved: '' }), alarm({ moved: '' }))],
  ['a feature that is not watched any more', [], state(alarm({ name: 'gone' }))],
])('%s', (_, expected, seen) => {
  expect(changedInputs(seen)).toEqual(expected);
});
