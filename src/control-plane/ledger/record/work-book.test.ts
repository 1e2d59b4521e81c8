import { describe, expect, it } from 'vitest';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import { WorkBook } from './work-book.ts';

const at = (monotonicMs: number) => ({ recorder: 'r', monotonicMs, wallMs: 1e12 + monotonicMs });
type Work = GatewayReport['replicas'][number]['work'];
const report = (replicas: Readonly<Record<string, Work | null>>, gatewayId = 'g1', startedAtMs = 0, atMs = 9_999) => ({
  ...{ gatewayId, startedAtMs, atMs },
  replicas: Object.entries(replicas).map(([replicaId, work]) => ({
    ...{ replicaId, inFlight: 0, requests: 0 },
    ...(work === null || work === undefined ? {} : { work }),
  })),
});
const work = (busyMs: number, answers: number): Work => ({ busyMs, answers });
const always = [{ claim: 'r1', readySinceMs: -Infinity }];

describe('WorkBook', () => {
  it('accounts what was counted since its first report, and then since the last account', () => {
    const book = new WorkBook();
    expect(book.take(always, at(1), null)).toEqual([]);
    book.report(report({ r1: work(500, 50) }), 1_000);
    book.report(report({ r1: work(700, 57) }), 2_000);
    book.report(report({ r1: work(900, 60) }), 3_000);
    const account = { kind: 'work-account', claim: 'r1', tokens: 0, source: 'gateway', filledMs: null };
    expect(book.take(always, at(3_500), null)).toEqual([
      { ...account, at: at(3_500), fromMonotonicMs: 1_000, busyMs: { answers: 400 }, answers: 10 },
    ]);
    expect(book.take(always, at(5_000), null)).toEqual([
      { ...account, at: at(5_000), fromMonotonicMs: 3_500, busyMs: { answers: 0 }, answers: 0 },
    ]);
  });

  it('begins when the replica is ready, and counts a gateway that starts later from its start', () => {
    const book = new WorkBook();
    book.report(report({ r1: work(0, 0) }), 1_000);
    book.report(report({ r1: work(300, 3) }, 'g2', 9_000, 9_800), 5_000);
    const [account] = book.take([{ claim: 'r1', readySinceMs: 4_000 }], at(6_000), null);
    expect(account).toMatchObject({ fromMonotonicMs: 4_000, busyMs: { answers: 300 }, answers: 3 });
  });

  it('goes on over a restart of a gateway', () => {
    const book = new WorkBook();
    book.report(report({ r1: work(100, 1) }), 0);
    book.report(report({ r1: work(300, 5) }), 1_000);
    book.report(report({ r1: work(50, 2) }, 'g1', 9_000), 2_000);
    expect(book.take(always, at(2_000), null)).toMatchObject([{ busyMs: { answers: 250 }, answers: 6 }]);
  });

  it('takes several gateways as independent', () => {
    const book = new WorkBook();
    for (const gateway of ['g1', 'g2']) book.report(report({ r1: work(0, 0) }, gateway), 0);
    for (const gateway of ['g1', 'g2']) book.report(report({ r1: work(500, 1) }, gateway), 1_000);
    expect(book.take(always, at(1_000), null)).toMatchObject([{ busyMs: { answers: 750 }, answers: 2 }]);
  });

  it('waits for a gateway that is silent, and gives it up after five minutes', () => {
    const book = new WorkBook();
    book.report(report({ r1: work(0, 0) }), 0);
    book.report(report({ r1: work(400, 4) }), 1_000);
    expect(book.take(always, at(11_001), null)).toEqual([]);
    book.report(report({ r1: work(600, 6) }), 20_000);
    expect(book.take(always, at(21_000), null)).toMatchObject([{ fromMonotonicMs: 0, busyMs: { answers: 600 } }]);
    expect(book.take(always, at(400_000), null)).toEqual([]);
  });

  it('makes no account of a replica whose gateway does not report its work', () => {
    const book = new WorkBook();
    book.report(report({ r1: null, r2: work(0, 0) }), 0);
    book.report(report({ r1: null, r2: work(10, 1) }), 1_000);
    const workers = ['r1', 'r2', 'r3'].map((claim) => ({ claim, readySinceMs: 0 }));
    expect(book.take(workers, at(1_000), null)).toMatchObject([
      { claim: 'r2', answers: 1 },
      { claim: 'r3', answers: 0, busyMs: { answers: 0 } },
    ]);
  });

  it('fills time by the sustained rate, and no more than was busy', () => {
    const book = new WorkBook();
    book.report(report({ r1: work(0, 0) }), 0);
    book.report(report({ r1: work(500, 20) }), 1_000);
    expect(book.take(always, at(1_000), 100)).toMatchObject([{ filledMs: 200 }]);
    book.report(report({ r1: work(600, 60) }), 2_000);
    expect(book.take(always, at(2_000), 100)).toMatchObject([{ filledMs: 100, answers: 40 }]);
  });
});
