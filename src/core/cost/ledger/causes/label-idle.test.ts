import { describe, expect, test } from 'vitest';
import {
  appeared,
  began,
  changed,
  factAt,
  hour,
  hour0,
  minute,
  whole,
  worked,
} from '../../../../testing/builders/cost/ledger-builders.ts';
import { plimsollPolicy } from '../../../scaling/own/plimsoll.ts';
import { decideScaling } from '../../../scaling/acting/decide-scaling.ts';
import { makePolicyInput } from '../../../../testing/builders/scaling/scaling-builders.ts';
import { deriveLedgerRows } from '../derive-rows.ts';
import type { IdleTerms } from '../fact.ts';
import { bindingCause } from './label-idle.ts';
import { readIdleTerms } from './read-idle-terms.ts';

const terms = (over: Partial<IdleTerms> = {}): IdleTerms => ({
  demand: 1,
  minReplicas: 2,
  ahead: 3,
  warmPool: 1,
  ...over,
});

describe('bindingCause', () => {
  test('each replica has the term that keeps it', () => {
    expect([1, 2, 3, 4, 5].map((n) => bindingCause(n, false, terms()))).toEqual([
      'no-demand',
      'min-replicas',
      'start-ahead',
      'warm-pool',
      'no-demand',
    ]);
  });

  test('a tie goes to the earlier row of the table', () => {
    expect(bindingCause(2, false, terms({ demand: 2 }))).toBe('no-demand');
    expect(bindingCause(3, false, terms({ minReplicas: 3 }))).toBe('min-replicas');
    expect(bindingCause(4, false, terms({ ahead: 4 }))).toBe('start-ahead');
  });

  test('the previous release is kept whatever demand is; without a decision nothing is known', () => {
    expect(bindingCause(1, true, terms())).toBe('keep-previous');
    expect(bindingCause(1, false, null)).toBe('not-recorded');
  });
});

test('idle time has one cause, and the causes add up to it', () => {
  const decided = (afterMs: number, over: Partial<IdleTerms>) =>
    factAt(afterMs, { kind: 'scaling-decided', service: 'ranker', environment: 'prod', terms: terms(over) });
  const replica = (index: number) => [
    appeared(0, `gpu-${index}`),
    began(-hour, `r${index}`, whole(`gpu-${index}`)),
    changed(-hour + index, `r${index}`, 'ready'),
    worked(0, hour, `r${index}`, 0),
  ];
  const { rows } = deriveLedgerRows(
    [
      ...[0, 1, 2].flatMap(replica),
      decided(0, { demand: 1, minReplicas: 2, ahead: 2, warmPool: 1 }),
      decided(30 * minute, { demand: 2, minReplicas: 2, ahead: 3, warmPool: 0 }),
      factAt(45 * minute, { kind: 'claim-role', claim: 'r0', role: 'previous' }),
    ],
    { fromMs: hour0, toMs: hour0 + hour },
  );
  const causes = rows.map(({ claim, cause, computeMs }) => `${claim} ${cause} ${computeMs / minute}`);
  // While r0 is of the previous release, r1 is the first and r2 the second of the live one.
  expect(causes.sort()).toEqual([
    'r0 keep-previous 15',
    'r0 no-demand 45',
    'r1 min-replicas 30',
    'r1 no-demand 30',
    'r2 no-demand 15',
    'r2 start-ahead 15',
    'r2 warm-pool 30',
  ]);
  expect(rows.reduce((sum, { computeMs }) => sum + computeMs, 0)).toBe(3 * hour);
});

describe('readIdleTerms', () => {
  const record = (
    desired: number,
    decisionTerms: Record<string, number | null>,
    arrivalsPerSecond: number | null = 20,
  ) => ({
    grounds: { input: { signals: { arrivalsPerSecond }, terms: { minReplicas: 1, warmPool: 1 } } },
    decision: { desired, terms: decisionTerms },
  });

  test('demand is what arrives now; the rest of what is wanted is ahead', () => {
    const told = record(5, { forDemand: 3.2, forBacklog: 0, forecastPerSecond: 40 });
    expect(readIdleTerms(told)).toEqual({ demand: 2, minReplicas: 1, ahead: 4, warmPool: 1 });
  });

  test('a backlog is demand, and a policy that tells no forecast has no start ahead', () => {
    expect(readIdleTerms(record(5, { forDemand: 1, forBacklog: 1.5, forecastPerSecond: 20 })).demand).toBe(3);
    expect(readIdleTerms(record(5, {}))).toMatchObject({ demand: 4, ahead: 4 });
    expect(readIdleTerms(record(5, { forDemand: 1 }, null))).toMatchObject({ demand: 4 });
  });

  test('reads what the policy of a control plane records', () => {
    const input = makePolicyInput({ signals: { queueDepth: 0, inFlight: 4, arrivalsPerSecond: 4 } });
    const grounds = { input, state: plimsollPolicy.begin(input.nowMs), orderedBefore: 1 };
    const decided = decideScaling(plimsollPolicy, grounds);
    const read = readIdleTerms({ grounds: decided.grounds, decision: decided.decision });
    expect(read.ahead + read.warmPool).toBe(decided.decision.desired);
    expect(decided.decision.terms).toHaveProperty('forDemand');
    expect(decided.decision.terms).toHaveProperty('forecastPerSecond');
  });
});
