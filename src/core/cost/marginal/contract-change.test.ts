import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { changeContract, readContractChange } from './contract-change.ts';

const contractOf = (scaling: string, more = 'coldStart: { p90: 45s }\n') =>
  loadContract(`${minimalContract}objective: { latency: { p99: 50ms } }\n${more}scaling: ${scaling}\n`).contract;
const scaled = contractOf('{ replicas: { min: 1, max: 4 } }');
const changed = (...texts: readonly string[]) => changeContract(scaled, texts.map(readContractChange));

describe('a change of the contract', () => {
  it.each([
    ['scaling.replicas.min=2', 'scaling.replicas.min 1 -> 2'],
    ['scaling.min=2', 'scaling.replicas.min 1 -> 2'],
    ['min = 2', 'scaling.replicas.min 1 -> 2'],
    ['scaling.max=8', 'scaling.replicas.max 4 -> 8'],
    ['warmPool=1', 'scaling.warmPool 0 -> 1'],
    ['toZero=when-proven', 'scaling.toZero never -> when-proven'],
    ['objective.latency.p99=80ms', 'objective.latency.p99 50ms -> 80ms'],
    ['latency.p99.9=50ms', 'objective.latency.p99.9 not set -> 50ms'],
    ['keepPrevious=30m', 'rollout.keepPrevious 1h -> 30m'],
    ['rollout.keepPrevious=0', 'rollout.keepPrevious 1h -> 0ms'],
  ])('%s', (text, moved) => {
    expect(changed(text)).toMatchObject({ moved: [moved], alsoNeeded: [] });
  });

  it('changes that key alone', () => {
    expect(changed('min=2').contract).toEqual({
      ...scaled,
      scaling: { ...scaled.scaling, replicas: { min: 2, max: 4 } },
    });
    expect(changed('latency.p50=20ms').contract.objective).toEqual({ latency: { p99: 50, p50: 20 } });
  });

  it('takes several at once, whose bounds are looked at together', () => {
    expect(changed('min=6', 'max=8').contract.scaling?.replicas).toEqual({ min: 6, max: 8 });
  });

  it('lets the last replica stop with a minimum of 0, and says what the contract would need', () => {
    const { contract, alsoNeeded } = changed('scaling.min=0');
    expect(contract.scaling).toMatchObject({ replicas: { min: 0, max: 4 }, toZero: 'when-proven' });
    expect(alsoNeeded).toEqual(['scaling.toZero: when-proven']);
    const bare = contractOf('{ replicas: { min: 1, max: 4 } }', '');
    expect(changeContract(bare, [readContractChange('min=0')]).alsoNeeded).toEqual([
      'scaling.toZero: when-proven',
      'for scaling.toZero: a `coldStart` section, or `toZero: never`',
    ]);
  });

  it('is of a contract without the section too', () => {
    const { contract } = changeContract(loadContract(minimalContract).contract, [readContractChange('max=3')]);
    expect(contract.scaling).toMatchObject({ replicas: { min: 1, max: 3 }, toZero: 'never', warmPool: 0 });
  });

  it.each([
    ['scaling.mni=0', 'no such key; did you mean scaling.min?'],
    ['warmpool=1', 'did you mean warmPool?'],
    ['objective.latency.p0=5ms', 'no such key'],
    ['monitoring.golden=x', 'does not change what the scaler is asked'],
    ['scaling.min', 'is not KEY=VALUE'],
    ['=3', 'is not KEY=VALUE'],
    ['scaling.min=-1', 'scaling.replicas.min=-1 is not possible'],
    ['scaling.min=1.5', 'is not possible'],
    ['scaling.max=0', 'is not possible'],
    ['toZero=always', 'is not possible'],
    ['latency.p99=0ms', 'is not possible'],
    ['latency.p99=50', 'is not possible'],
    ['min=5', 'at least 5 and at most 4 replicas'],
  ])('%s is refused', (text, said) => {
    expect(() => changed(text)).toThrow(said);
  });

  it.each([
    [['min=2', 'scaling.min=3'], 'changes scaling.replicas.min twice'],
    [['min=0', 'toZero=never'], 'which `toZero: never` forbids'],
  ])('%j contradict each other', (texts, said) => {
    expect(() => changed(...texts)).toThrow(said);
  });
});
