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
    const counters = [{ gateway: 'g1', startedAtMs: 0, answers: 60, inside: 60, busyMs: 900 }];
    const account = { kind: 'work-account', claim: 'r1', tokens: 0, source: 'gateway', filledMs: null, counters };
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

  it('joins gateways second by second, and says what the busy time is at least and at most', () => {
    const book = new WorkBook();
    const both = (busyOf: (gateway: string) => number, atMs: number): void => {
      for (const gateway of ['g1', 'g2']) {
        book.report(report({ r1: work(busyOf(gateway), atMs / 1_000) }, gateway, 0, 9_000 + atMs), atMs);
      }
    };
    both(() => 0, 0);
    both(() => 500, 1_000);
    expect(book.take(always, at(1_000), null)).toMatchObject([
      { busyMs: { answers: 750 }, joined: { atLeastMs: 500, atMostMs: 1_000 }, answers: 2 },
    ]);
    both((gateway) => (gateway === 'g1' ? 1_500 : 500), 2_000);
    both((gateway) => (gateway === 'g1' ? 1_500 : 1_500), 3_000);
    const [account] = book.take(always, at(3_000), null);
    expect(account).toMatchObject({ busyMs: { answers: 2_000 } });
    expect(account).not.toHaveProperty('joined');
  });

  it('compares seconds of gateways whose clocks are an hour apart', () => {
    const book = new WorkBook();
    const hourMs = 3_600_000;
    for (const [gateway, aheadMs] of [['g1', 0] as const, ['g2', hourMs] as const]) {
      book.report(report({ r1: work(0, 0) }, gateway, aheadMs, aheadMs + 10_000), 0);
      book.report(report({ r1: work(1_000, 1) }, gateway, aheadMs, aheadMs + 11_000), 1_000);
    }
    const [account] = book.take(always, at(2_000), null);
    expect(account).toMatchObject({ busyMs: { answers: 1_000 } });
  });

  it('splits busy time by purpose, and counts answers inside the objective apart from the work', () => {
    const book = new WorkBook();
    const counted = (busyMs: number): Work => ({
      ...{ busyMs, answers: busyMs / 10, inside: busyMs / 20, tokens: busyMs },
      ...{ shadowMs: busyMs / 4, goldenMs: busyMs / 10 },
    });
    book.report(report({ r1: counted(0) }), 0);
    book.report(report({ r1: counted(400) }), 1_000);
    expect(book.take(always, at(1_000), 100)).toMatchObject([
      { busyMs: { answers: 260, shadow: 100, golden: 40 }, answers: 20, tokens: 400, filledMs: 400 },
    ]);
  });

  describe('after an earlier process', () => {
    const resumed = {
      atMs: -20_000,
      counters: [
        { gateway: 'g1', startedAtMs: 5, busyMs: 1_000, answers: 10, inside: 10 },
        { gateway: 'g2', startedAtMs: 6, busyMs: 0 },
      ],
    };
    const open = () => new WorkBook((claim) => (claim === 'r1' ? resumed : null));
    const old = 9_999_999;

    it('goes on from its last account, where all gateways of it count on', () => {
      const book = open();
      book.report(report({ r1: work(4_000, 40), r2: work(9_000, 90) }, 'g1', 5, old), 1_000);
      expect(book.take(always, at(2_000), null)).toEqual([]);
      book.report(report({ r1: work(0, 0), r2: work(0, 0) }, 'g2', 6, old), 3_000);
      const workers = [...always, { claim: 'r2', readySinceMs: -Infinity }];
      expect(book.take(workers, at(4_000), null)).toMatchObject([
        { claim: 'r1', fromMonotonicMs: -20_000, busyMs: { answers: 3_000 }, answers: 30 },
        { claim: 'r2', fromMonotonicMs: 1_000, busyMs: { answers: 0 } },
      ]);
      book.report(report({ r1: work(4_500, 45) }, 'g1', 5, old + 4_000), 5_000);
      expect(book.take(always, at(5_000), null)).toMatchObject([
        { fromMonotonicMs: 4_000, busyMs: { answers: 500 }, answers: 5 },
      ]);
    });

    it('begins anew where a gateway of it ended meanwhile: what that one counted is lost', () => {
      const book = open();
      book.report(report({ r1: work(4_000, 40) }, 'g1', 5, old), 1_000);
      book.report(report({ r1: work(200, 2) }, 'g2', old - 500, old), 1_000);
      expect(book.take(always, at(11_000), null)).toEqual([]);
      book.report(report({ r1: work(4_100, 41) }, 'g1', 5, old + 10_500), 11_500);
      book.report(report({ r1: work(200, 2) }, 'g2', old - 500, old + 10_500), 11_500);
      expect(book.take(always, at(11_500), null)).toEqual([]);
      book.report(report({ r1: work(4_300, 43) }, 'g1', 5, old + 11_500), 12_500);
      book.report(report({ r1: work(200, 2) }, 'g2', old - 500, old + 11_500), 12_500);
      expect(book.take(always, at(12_500), null)).toMatchObject([
        { fromMonotonicMs: 11_500, busyMs: { answers: 200 }, answers: 2 },
      ]);
    });

    it('counts a gateway that started since from its start', () => {
      const book = new WorkBook(() => ({ ...resumed, counters: resumed.counters.slice(0, 1) }));
      book.report(report({ r1: work(1_000, 10) }, 'g1', 5, old), 1_000);
      book.report(report({ r1: work(700, 7) }, 'g3', old - 15_000, old), 1_000);
      expect(book.take(always, at(2_000), null)).toMatchObject([{ fromMonotonicMs: -20_000, answers: 7 }]);
    });

    it('spreads nothing over more than an hour', () => {
      const book = new WorkBook(() => ({ ...resumed, atMs: -3_600_000 }));
      for (const [id, startedAtMs] of [['g1', 5] as const, ['g2', 6] as const])
        book.report(report({ r1: work(4_000, 40) }, id, startedAtMs, old), 1_000);
      expect(book.take(always, at(2_000), null)).toMatchObject([{ fromMonotonicMs: 1_000, answers: 0 }]);
    });
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
