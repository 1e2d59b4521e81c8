import { describe, expect, it } from 'vitest';
import { latencyBinOf } from '../rollout/judge/latency-bins.ts';
import type { HealthFacts } from './health.ts';
import { judgeHealth } from './judge-health.ts';
import type { OutcomeSpan } from './outcomes.ts';

const nowMs = 10_000_000;
const s = 1_000;

/** A span that ended `agoS` seconds ago. */
const span = (agoS: number, lengthS: number, requests: number, failed = 0, latencyMs = 5): OutcomeSpan => ({
  fromMs: nowMs - (agoS + lengthS) * s,
  toMs: nowMs - agoS * s,
  requests,
  failed,
  latency: { [latencyBinOf(latencyMs)]: requests - failed },
});
/** `count` spans of five seconds that end now. */
const row = (count: number, requests: number, failed = 0, latencyMs = 5, endAgoS = 0): readonly OutcomeSpan[] =>
  Array.from({ length: count }, (_, at) => span(endAgoS + (count - 1 - at) * 5, 5, requests, failed, latencyMs));

const good: HealthFacts = {
  nowMs,
  live: 1,
  incoming: null,
  trouble: null,
  replicas: { ready: 2, starting: 0, wanted: 2 },
  promises: { availabilityShare: 0.999, latency: [{ quantile: 'p99', share: 0.99, limitMs: 50 }], starts: [] },
  spans: [span(60, 3000, 5000), ...row(12, 100)],
  heardAtMs: nowMs - 500,
  problem: null,
  change: null,
  rollback: null,
};
/** Streamed answers that took 30 ms, their first tokens as said. */
const streams = (requests: number, ttftMs: number, late = 0): readonly OutcomeSpan[] =>
  row(12, requests, 0, 30).map((each) => {
    const ttft = { [latencyBinOf(ttftMs)]: requests - late, ...(late > 0 ? { [latencyBinOf(900)]: late } : {}) };
    return { ...each, ttft };
  });
const firstTokens = {
  promises: { ...good.promises, ttft: [{ quantile: 'p95', share: 0.95, limitMs: 400 }] } as HealthFacts['promises'],
};
const live2 = { what: 'release 2 went live', atMs: nowMs - 45 * s };

describe('the health of a service', () => {
  it.each<[string, Partial<HealthFacts>, string, RegExp, string | null]>([
    [
      'all is kept',
      {},
      'healthy',
      /^Healthy: 6,200 requests in the last hour, none failed; 100% took at most 50ms\.$/,
      null,
    ],
    [
      'nobody asks',
      { spans: [] },
      'healthy',
      /^Healthy: no request in the last hour, and 2 replicas are ready\.$/,
      null,
    ],
    [
      'it sleeps',
      { spans: [], replicas: { ready: 0, starting: 0, wanted: 0 } },
      'healthy',
      /^Healthy: asleep; the next request wakes it\.$/,
      null,
    ],
    ['nothing is live', { live: null }, 'not-released', /^Not released: nothing is live\.$/, '`plimsoll release`'],
    [
      'the first comes in and does not start',
      {
        live: null,
        incoming: 1,
        trouble: { cause: 'no node has room for it: 0/1 nodes', next: 'see `kubectl describe nodes`' },
      },
      'not-released',
      /^Not released: release 1 does not start: no node has room for it: 0\/1 nodes\.$/,
      'see `kubectl describe nodes`',
    ],
    [
      'no replica is ready, and why is known',
      {
        replicas: { ready: 0, starting: 0, wanted: 2 },
        trouble: { cause: 'exit status 2 after 1 s: "no such file"', next: 'see' },
      },
      'failing',
      /none of 2 replicas is ready\. Cause: exit status 2 after 1 s: "no such file"\./,
      'see',
    ],
    ['the first comes in', { live: null, incoming: 1 }, 'not-released', /release 1 is coming in/, null],
    [
      'every request fails since a release',
      {
        spans: [...row(4, 100, 0, 5, 40), ...row(8, 100, 100)],
        change: live2,
        rollback: 'plimsoll rollback --model',
      },
      'failing',
      /^Failing: 100% of requests failed for 40s, since release 2 went live 45s ago\.$/,
      'roll back: `plimsoll rollback --model`',
    ],
    [
      'every request fails, long after the last change',
      { spans: row(12, 100, 100), change: { ...live2, atMs: nowMs - 7_200 * s }, rollback: 'plimsoll rollback' },
      'failing',
      /^Failing: 100% of requests failed for 1m 0s\. Last change: release 2 went live 2h 0m ago\.$/,
      'see what happened: `plimsoll history`',
    ],
    [
      'few requests, most of which fail',
      { spans: [span(1200, 600, 2, 0), span(600, 600, 2, 2), ...row(12, 0), span(0, 5, 2, 2)] },
      'failing',
      /^Failing: 4 of 4 requests failed/,
      'see what happened: `plimsoll history`',
    ],
    [
      'the only request failed',
      { spans: [span(30, 5, 1, 1)] },
      'degraded',
      /^Degraded: 1 of 1 requests failed/,
      'see what happened: `plimsoll history`',
    ],
    [
      'one of many failed',
      { spans: [span(60, 3000, 5000), ...row(11, 100), span(0, 5, 100, 1)] },
      'healthy',
      /failed/,
      null,
    ],
    [
      'the pace of an emergency in both windows',
      { spans: [span(60, 3000, 5000, 100), ...row(12, 100, 2)] },
      'failing',
      /^Failing: 2% of requests failed/,
      'see what happened: `plimsoll history`',
    ],
    [
      'an emergency that is over',
      { spans: [span(60, 3000, 5000, 400), ...row(12, 100)] },
      'healthy',
      /^Healthy: .* 6\.5% of requests failed/,
      null,
    ],
    [
      'more than is allowed, at no pace of an emergency',
      { spans: [span(60, 3000, 5000, 10), ...row(12, 100, 1)] },
      'degraded',
      /^Degraded: 0\.36% of requests failed for .*; 0\.36% of requests over the last hour, 0\.1% allowed\.$/,
      'see what happened: `plimsoll history`',
    ],
    [
      'half of the answers are late',
      { spans: row(12, 100, 0, 80) },
      'failing',
      /^Failing: 100% of answers took longer than 50ms for 1m 0s/,
      'see what happened: `plimsoll history`',
    ],
    [
      'first tokens are late, and whole answers are not',
      { ...firstTokens, spans: streams(100, 900) },
      'failing',
      /^Failing: 100% of first tokens took longer than 400ms for 1m 0s/,
      'see what happened: `plimsoll history`',
    ],
    [
      'more first tokens are late than is allowed',
      { ...firstTokens, spans: streams(100, 20, 6) },
      'degraded',
      /^Degraded: 6% of first tokens took longer than 400ms .*; 6% of first tokens over the last hour, 5% allowed\.$/,
      'see what happened: `plimsoll history`',
    ],
    [
      'first tokens are in time',
      { ...firstTokens, spans: streams(100, 20) },
      'healthy',
      /; 100% took at most 50ms; 100% of first tokens took at most 400ms\.$/,
      null,
    ],
    ['no answer was streamed', firstTokens, 'healthy', /; 100% took at most 50ms; no first token was timed\.$/, null],
    [
      'first tokens are late that nobody promised',
      { spans: streams(100, 900) },
      'healthy',
      /100% took at most 50ms\.$/,
      null,
    ],
    [
      'nothing is promised, and some fail',
      { promises: null, spans: row(12, 100, 2) },
      'degraded',
      /2% of requests over the last hour, 1% expected at most\.$/,
      'see what happened: `plimsoll history`',
    ],
    [
      'no gateway was ever heard',
      { heardAtMs: null, spans: [] },
      'unknown',
      /^Unknown: no gateway reports\.$/,
      'start one: `plimsoll up`',
    ],
    [
      'the gateway fell silent',
      { heardAtMs: nowMs - 40 * s },
      'unknown',
      /no gateway has reported for 40s/,
      '`plimsoll up`',
    ],
    [
      'the control plane does not follow',
      { problem: 'the store is away' },
      'unknown',
      /^Unknown: the store is away\.$/,
      'see why: `plimsoll doctor`',
    ],
    [
      'no replica is ready',
      {
        replicas: { ready: 0, starting: 0, wanted: 2 },
        change: live2,
        rollback: 'plimsoll rollback --code',
        heardAtMs: null,
      },
      'failing',
      /^Failing: none of 2 replicas is ready\. Last change: release 2 went live 45s ago\.$/,
      'roll back: `plimsoll rollback --code`',
    ],
    [
      'replicas start, as after a restart of the machine',
      {
        replicas: { ready: 0, starting: 1, wanted: 2 },
        change: live2,
        rollback: 'plimsoll rollback --code',
        heardAtMs: null,
      },
      'failing',
      /^Failing: none of 2 replicas is ready yet: starting\. Last change: /,
      'see why: `plimsoll history --kind replica`',
    ],
    [
      'no replica is ready, long after the last change',
      {
        replicas: { ready: 0, starting: 0, wanted: 1 },
        change: { ...live2, atMs: nowMs - 3_600 * s },
        rollback: 'plimsoll rollback --code',
      },
      'failing',
      /^Failing: the one replica is not ready\./,
      'see why: `plimsoll history --kind replica`',
    ],
    [
      'nothing is known to have changed and no replica is ready',
      { replicas: { ready: 0, starting: 0, wanted: 1 }, rollback: 'plimsoll rollback --code' },
      'failing',
      /^Failing: the one replica is not ready\.$/,
      'see why: `plimsoll history --kind replica`',
    ],
    [
      'one replica is not ready',
      { replicas: { ready: 1, starting: 0, wanted: 2 } },
      'degraded',
      /^Degraded: 1 of 2 replicas are ready\.$/,
      'see why: `plimsoll history --kind replica`',
    ],
  ])('%s', (_, more, state, sentence, next) => {
    const judged = judgeHealth({ ...good, ...more });
    expect(judged.sentence).toMatch(sentence);
    expect([judged.state, judged.next]).toEqual([state, next]);
  });

  it('tells of the last minute, and further back where few asked', () => {
    expect(judgeHealth(good).recent).toMatchObject({ spanMs: 60 * s, requests: 1200, failed: 0 });
    const few = judgeHealth({ ...good, spans: [span(900, 60, 7), span(300, 60, 7), ...row(12, 0)] }).recent;
    expect(few).toMatchObject({ spanMs: 960 * s, requests: 14 });
    expect(judgeHealth({ ...good, spans: [] }).recent).toBeNull();
  });

  it('gives quantiles at most a bin above the true ones', () => {
    const { recent } = judgeHealth(good);
    expect(recent?.latencyP99Ms).toBeGreaterThanOrEqual(5);
    expect(recent?.latencyP99Ms).toBeLessThan(5 * 2 ** (1 / 16));
  });
});
