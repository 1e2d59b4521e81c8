import { describe, expect, test } from 'vitest';
import { serviceAccount, serviceHour } from '../../../testing/builders/cost/account-builders.ts';
import { hour, minute } from '../../../testing/builders/cost/ledger-builders.ts';
import { judgeAttribution } from './judge-attribution.ts';

const judge = (account: ReturnType<typeof serviceAccount>, afterMs = 0) =>
  judgeAttribution(account, account.toMs + afterMs);

describe('judgeAttribution', () => {
  test('passes on the first recorded minute of a new service, and shows its idle time', () => {
    const first = serviceHour(
      0,
      { serving: 6_000, idle: 50_000, loading: 2_000, unattributable: 2_000 },
      { unattributableMs: { 'work-not-reported': 2_000 } },
    );
    expect(judge(serviceAccount([first]))).toEqual({
      verdict: 'pass',
      reasons: ['device time is attributed: serving 10%, idle 83% of 1m 0s; 3.3% is unattributable'],
    });
  });

  test.each([
    ['5%', 570_000, 30_000, 'pass'],
    ['more than 5%', 569_999, 30_001, 'fail'],
    ['more than 5% of less than ten minutes', 90_000, 10_000, 'inconclusive'],
  ] as const)('%s unattributable', (_, idle, unattributable, verdict) => {
    const own = serviceHour(
      0,
      { idle, unattributable },
      { unattributableMs: { 'control-plane-down': unattributable } },
    );
    expect(judge(serviceAccount([own])).verdict).toBe(verdict);
  });

  test('names why time is lost, and the limit', () => {
    const own = serviceHour(
      0,
      { idle: 30 * minute, unattributable: 30 * minute },
      {
        unattributableMs: { 'node-gone': 20 * minute, 'work-not-reported': 10 * minute },
      },
    );
    expect(judge(serviceAccount([own])).reasons).toEqual([
      '50% of 1h 0m is unattributable (node-gone 20m 0s, work-not-reported 10m 0s); the limit is 5%',
    ]);
  });

  test('forgets what was lost more than two hours ago', () => {
    const lost = serviceHour(0, { unattributable: hour }, { unattributableMs: { 'control-plane-down': hour } });
    const good = [serviceHour(1, { idle: hour }), serviceHour(2, { idle: hour })];
    expect(judge(serviceAccount([lost, ...good])).verdict).toBe('pass');
    expect(judge(serviceAccount([lost, ...good.slice(0, 1)])).verdict).toBe('fail');
  });

  test('is unknown, and never a pass, where nothing tells of now', () => {
    expect(judgeAttribution(null, 0).verdict).toBe('unknown');
    const idle = serviceAccount([serviceHour(0, { idle: hour })]);
    expect(judge(idle, 10 * minute).verdict).toBe('pass');
    expect(judge(idle, 10 * minute + 1).verdict).toBe('unknown');
    expect(judge(serviceAccount([])).verdict).toBe('unknown');
    expect(judge(serviceAccount([serviceHour(0, { loading: minute })])).verdict).toBe('unknown');
  });

  test('facts that cannot be true fail, with what they say', () => {
    const account = serviceAccount([serviceHour(0, { idle: hour })], { errors: ['two replicas hold gpu-0'] });
    expect(judge(account)).toEqual({ verdict: 'fail', reasons: ['two replicas hold gpu-0'] });
  });
});
