import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { began, changed, hour0, minute, whole, worked } from '../../../../testing/builders/cost/ledger-builders.ts';
import { placeFacts } from '../record/place-facts.ts';
import type { LedgerFact } from '../fact.ts';
import { readClaims } from './read-claims.ts';
import { readWork, workPart, type PlacedAccount } from './read-work.ts';

const read = (...accounts: readonly LedgerFact[]) => {
  const facts = [
    began(0, 'r1', whole('gpu-0')),
    changed(10 * minute, 'r1', 'ready'),
    changed(50 * minute, 'r1', 'draining'),
    changed(60 * minute, 'r1', 'ended'),
  ];
  const { placed } = placeFacts([...facts, ...accounts]);
  const [claim] = readClaims(placed, hour0 + 60 * minute).claims;
  if (claim === undefined) throw new Error('no claim');
  const own = placed.filter((fact): fact is PlacedAccount => fact.kind === 'work-account');
  const { spans, errors } = readWork(claim, own);
  const minutes = spans.map(({ fromMs, toMs, work, ...span }) => {
    const part = workPart({ fromMs, toMs, work, ...span }, { fromMs, toMs });
    return [work.source, (fromMs - hour0) / minute, (toMs - hour0) / minute, part.busyMs / minute] as const;
  });
  return { minutes, errors };
};

describe('readWork', () => {
  test('busy time falls on ready and draining time alone', () => {
    // 40 minutes in which the replica was ready for 30: the 15 busy ones are of these.
    expect(read(worked(0, 40 * minute, 'r1', 15 * minute)).minutes).toEqual([['engine', 10, 40, 15]]);
    expect(read(worked(45 * minute, 55 * minute, 'r1', 4 * minute)).minutes).toEqual([
      ['engine', 45, 50, 2],
      ['engine', 50, 55, 2],
    ]);
  });

  test('the better source counts where both tell, and the other one outside of it', () => {
    const gateway = worked(10 * minute, 50 * minute, 'r1', 20 * minute, { source: 'gateway' });
    const engine = worked(20 * minute, 30 * minute, 'r1', 9 * minute);
    const { minutes, errors } = read(gateway, engine);
    expect(minutes).toEqual([
      ['gateway', 10, 20, 5],
      ['engine', 20, 30, 9],
      ['gateway', 30, 50, 10],
    ]);
    expect(errors).toEqual([]);
  });

  test('of two accounts of one source the earlier one stands, with an error', () => {
    const { minutes, errors } = read(
      worked(10 * minute, 30 * minute, 'r1', 4 * minute),
      worked(20 * minute, 40 * minute, 'r1', 8 * minute),
    );
    expect(minutes).toEqual([
      ['engine', 10, 30, 4],
      ['engine', 30, 40, 4],
    ]);
    expect(errors).toMatchObject([{ kind: 'account-overlaps', shareMs: 10 * minute }]);
  });

  test('two recorders that disagree by a second are no error', () => {
    const { errors } = read(
      worked(10 * minute, 20 * minute, 'r1', minute),
      worked(20 * minute - 1_000, 30 * minute, 'r1', minute),
    );
    expect(errors).toEqual([]);
  });

  test('parts of any cut add up to the account', () => {
    const claim = began(0, 'r1', whole('gpu-0'));
    const account = worked(0, 30_011, 'r1', 20_003, { answers: 777 });
    const { placed } = placeFacts([claim, changed(0, 'r1', 'ready'), account]);
    const [only] = readClaims(placed, hour0 + minute).claims;
    const own = placed.filter((fact): fact is PlacedAccount => fact.kind === 'work-account');
    const [span] = only === undefined ? [] : readWork(only, own).spans;
    if (span === undefined) throw new Error('no span');
    fc.assert(
      fc.property(fc.array(fc.nat(30_011), { maxLength: 12 }), (at) => {
        const cuts = [0, ...at, 30_011].sort((a, b) => a - b).map((each) => hour0 + each);
        const parts = cuts.slice(1).map((toMs, index) => workPart(span, { fromMs: cuts[index] ?? toMs, toMs }));
        expect(parts.reduce((sum, { busyMs }) => sum + busyMs, 0)).toBe(20_003);
        expect(parts.reduce((sum, { answers }) => sum + answers, 0)).toBe(777);
        parts.forEach(({ busyMs }, index) =>
          expect(busyMs).toBeLessThanOrEqual((cuts[index + 1] ?? 0) - (cuts[index] ?? 0)),
        );
      }),
    );
  });
});
