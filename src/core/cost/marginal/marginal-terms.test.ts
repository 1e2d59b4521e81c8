import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { effectiveScaling } from '../../contract/defaults.ts';
import { strictestLatency } from '../../contract/objective/latency-objective.ts';
import { listMarginalTerms } from './marginal-terms.ts';

const contractOf = (scaling: string, objective = '{ latency: { p95: 20ms, p99: 50ms } }') =>
  loadContract(`${minimalContract}objective: ${objective}\ncoldStart: { p90: 45s }\nscaling: ${scaling}\n`).contract;
const rowsOf = (contract: ReturnType<typeof contractOf>) =>
  listMarginalTerms(contract).map(({ term, against, withTerm, withoutTerm }) => {
    const other = withTerm ?? withoutTerm ?? contract;
    const { replicas, warmPool, toZero } = effectiveScaling(other);
    const share = strictestLatency(other.objective)?.attainmentShare;
    return [term, against, withTerm === null ? 'without' : 'with', replicas.min, toZero, warmPool, share];
  });

describe('terms of a contract', () => {
  it('hold a minimum of one against none, and one warm replica more and 99.9% against the present', () => {
    expect(rowsOf(contractOf('{ replicas: { min: 1, max: 4 } }'))).toEqual([
      ['scaling.replicas.min: 1', 'scaling.replicas.min: 0', 'without', 0, 'when-proven', 0, 0.99],
      ['scaling.warmPool: 1', 'scaling.warmPool: 0', 'with', 1, 'never', 1, 0.99],
      ['objective p99.9', 'objective p99', 'with', 1, 'never', 0, 0.999],
    ]);
  });

  it('hold a larger minimum against one less and against none, and 99.9% against 99%', () => {
    const contract = contractOf('{ replicas: { min: 3, max: 4 }, warmPool: 2 }', '{ latency: { p99.9: 50ms } }');
    expect(rowsOf(contract)).toEqual([
      ['scaling.replicas.min: 3', 'scaling.replicas.min: 2', 'without', 2, 'never', 2, 0.999],
      ['scaling.replicas.min: 3', 'scaling.replicas.min: 0', 'without', 0, 'when-proven', 2, 0.999],
      ['scaling.warmPool: 2', 'scaling.warmPool: 1', 'without', 3, 'never', 1, 0.999],
      ['scaling.warmPool: 3', 'scaling.warmPool: 2', 'with', 3, 'never', 3, 0.999],
      ['objective p99.9', 'objective p99', 'without', 3, 'never', 2, 0.99],
    ]);
  });

  it('say what one replica would cost where none is kept', () => {
    const [first] = rowsOf(contractOf('{ replicas: { min: 0, max: 4 }, toZero: when-proven }'));
    expect(first).toEqual(['scaling.replicas.min: 1', 'scaling.replicas.min: 0', 'with', 1, 'when-proven', 0, 0.99]);
  });

  it('keep the latency that is promised, of first tokens too', () => {
    const tokens = contractOf('{ replicas: { min: 1, max: 4 } }', '{ ttft: { p99: 300ms } }');
    const objective = listMarginalTerms(tokens).at(-1);
    expect(objective?.withTerm?.objective).toEqual({ ttft: { 'p99.9': 300 } });
    const none = loadContract(minimalContract).contract;
    expect(listMarginalTerms(none).map(({ term }) => term)).toEqual(['scaling.replicas.min: 1', 'scaling.warmPool: 1']);
  });
});
