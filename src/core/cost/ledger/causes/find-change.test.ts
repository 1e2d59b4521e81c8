import { describe, expect, test } from 'vitest';
import { findKeyDoc } from '../../../contract-keys/keys.ts';
import { idleCauses, ledgerStates } from '../state.ts';
import { findChange, type LabelledTime } from './find-change.ts';

const units = ['accelerator', 'core'] as const;
const all: readonly LabelledTime[] = units.flatMap((unit) =>
  ledgerStates.flatMap((state) => [null, ...idleCauses].map((cause) => ({ unit, state, cause }))),
);

describe('findChange', () => {
  test.each([
    ['min-replicas', ['scaling.replicas.min']],
    ['warm-pool', ['scaling.warmPool']],
    ['keep-previous', ['rollout.keepPrevious']],
    ['start-ahead', ['objective.latency']],
    ['no-demand', ['hardware.sharing']],
    ['fragmentation', []],
    ['not-recorded', []],
  ] as const)('idle time by %s is removed by the keys %j', (cause, keys) => {
    expect(findChange({ unit: 'accelerator', state: 'idle', cause })?.keys).toEqual(keys);
  });

  test('a service on cores shares no accelerator: the reservation is what can change', () => {
    expect(findChange({ unit: 'core', state: 'idle', cause: 'no-demand' })?.keys).toEqual(['hardware.host.cpus']);
  });

  test('idle time without a cause has that of no recorded decision', () => {
    const { change } = findChange({ unit: 'core', state: 'idle', cause: null }) ?? {};
    expect(change).toBe('No scaling decision says why the replica runs. See `plimsoll scale status`.');
  });

  test('exactly the states in which nothing works, starts or ends have a change', () => {
    const changed = new Set(all.filter((time) => findChange(time) !== null).map(({ state }) => state));
    expect([...changed]).toEqual(['idle', 'reserved', 'stranded', 'unallocated']);
  });

  test('each key is one of the contract, and stands in the sentence', () => {
    const keys = all.flatMap((time) => findChange(time)?.keys ?? []);
    expect(keys.filter((key) => findKeyDoc(key) === null)).toEqual([]);
    for (const time of all) {
      const { keys: own = [], change = '' } = findChange(time) ?? {};
      for (const key of own) expect(change).toContain(`\`${key}\``);
    }
  });
});
