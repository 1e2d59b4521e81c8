import type { Contract, QuantileBudget } from '../../contract/contract.ts';
import { effectiveScaling } from '../../contract/defaults.ts';
import { strictestLatency } from '../../contract/objective/latency-objective.ts';
import { changeContract } from './contract-change.ts';

/** One question about a term: what the contract with it takes more than the contract without it. */
export interface MarginalTerm {
  /** What is priced: `scaling.replicas.min: 1`. */
  readonly term: string;
  /** What it is held against: `min: 0`. */
  readonly against: string;
  /** Null: the present contract. */
  readonly withTerm: Contract | null;
  readonly withoutTerm: Contract | null;
}

/**
 * Returns the terms of a contract that a replay can price, each held against the same contract with that term alone changed:
 *
 * | term | with it | without it | where |
 * |---|---|---|---|
 * | the last replica of `min: n` | present | `min: n - 1` | n is 1 or more |
 * | all of `min: n` | present | `min: 0` | n is 2 or more |
 * | `min: 1` | `min: 1` | present | n is 0 |
 * | the last warm replica | present | `warmPool: w - 1` | w is 1 or more |
 * | one more warm replica | `warmPool: w + 1` | present | always |
 * | 99.9% in time | `p99.9` | present | less than 99.9% is promised |
 * | what is promised | present | `p99` | 99.9% or more is promised |
 *
 * `min: 0` lets the last replica stop. The latency of the objective stays: only the share that has to keep it moves.
 */
export function listMarginalTerms(contract: Contract): readonly MarginalTerm[] {
  const { replicas, warmPool } = effectiveScaling(contract);
  const change = (key: string, value: number): Contract =>
    changeContract(contract, [{ key, value: String(value) }]).contract;
  const withMin = (min: number): Contract => change('scaling.replicas.min', min);
  const withWarmPool = (count: number): Contract => change('scaling.warmPool', count);
  const min = (count: number): string => `scaling.replicas.min: ${count}`;
  const warm = (count: number): string => `scaling.warmPool: ${count}`;
  return [
    ...(replicas.min === 0
      ? [{ term: min(1), against: min(0), withTerm: withMin(1), withoutTerm: null }]
      : [replicas.min - 1, ...(replicas.min > 1 ? [0] : [])].map((less) => ({
          term: min(replicas.min),
          against: min(less),
          withTerm: null,
          withoutTerm: withMin(less),
        }))),
    ...(warmPool > 0
      ? [{ term: warm(warmPool), against: warm(warmPool - 1), withTerm: null, withoutTerm: withWarmPool(warmPool - 1) }]
      : []),
    { term: warm(warmPool + 1), against: warm(warmPool), withTerm: withWarmPool(warmPool + 1), withoutTerm: null },
    ...objectiveTerms(contract),
  ];
}

const tightName = 'p99.9';
const looseName = 'p99';
const tightShare = 0.999;

function objectiveTerms(contract: Contract): readonly MarginalTerm[] {
  const promised = strictestLatency(contract.objective);
  if (promised === null) return [];
  const { latencyMs, attainmentShare } = promised;
  const term = (name: string): string => `objective ${name}`;
  const present = term(`p${Number((100 * attainmentShare).toFixed(4))}`);
  return attainmentShare < tightShare
    ? [
        {
          term: term(tightName),
          against: present,
          withTerm: promise(contract, tightName, latencyMs),
          withoutTerm: null,
        },
      ]
    : [
        {
          term: present,
          against: term(looseName),
          withTerm: null,
          withoutTerm: promise(contract, looseName, latencyMs),
        },
      ];
}

/** With one promise in place of all, of whole answers or of first tokens as before. */
function promise(contract: Contract, name: typeof tightName | typeof looseName, latencyMs: number): Contract {
  const { latency, ttft, ...objective } = contract.objective ?? {};
  const budget: QuantileBudget = { [name]: latencyMs };
  const isOfAnswers = latency !== undefined;
  return {
    ...contract,
    objective: isOfAnswers
      ? { ...objective, ...(ttft === undefined ? {} : { ttft }), latency: budget }
      : { ...objective, ttft: budget },
  };
}
