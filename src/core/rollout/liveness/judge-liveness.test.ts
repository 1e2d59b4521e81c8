import { describe, expect, it } from 'vitest';
import { findStuckLimit, judgeLiveness, type LivenessEvidence } from './judge-liveness.ts';

const still: LivenessEvidence = {
  quietMs: 0,
  unansweredMs: 0,
  unanswered: 0,
  requests: 0,
  probeSilentMs: 0,
  isProbed: true,
  isProgressVisible: false,
  queuedMs: 0,
  seenAnswerMs: 0,
  allowedAnswerMs: 0,
  seenProbeMs: 0,
  lastProbeMs: 0,
  stepMs: null,
};
const verdict = (over: Partial<LivenessEvidence>) => judgeLiveness({ ...still, ...over }, 60_000);

describe('judgeLiveness', () => {
  it('calls an idle replica that nobody asked anything of idle, however long', () => {
    expect(verdict({ quietMs: 86_400_000 }).verdict).toBe('idle');
  });

  it('calls a replica stuck whose probe has no answer for the limit while nothing moved', () => {
    expect(verdict({ quietMs: 61_000, probeSilentMs: 61_000 })).toMatchObject({ verdict: 'stuck', cause: 'silent' });
    expect(verdict({ quietMs: 61_000, probeSilentMs: 59_000 }).verdict).toBe('idle');
  });

  it('calls a replica busy whose answers move, although its probe has no answer: a byte a second is progress', () => {
    expect(verdict({ quietMs: 1_000, probeSilentMs: 600_000, requests: 4 }).verdict).toBe('busy');
  });

  it('waits three times the longest answer that is allowed where nothing shows that one goes on', () => {
    const waiting = { requests: 1, unanswered: 1, allowedAnswerMs: 30_000 };
    const after = (ms: number) => ({ ...waiting, quietMs: ms, probeSilentMs: ms, unansweredMs: ms });
    expect(verdict(after(89_000)).verdict).toBe('busy');
    expect(verdict(after(90_000))).toMatchObject({ verdict: 'stuck', limitMs: 90_000 });
  });

  it('calls a replica stuck that answers its probe and nothing else, by several requests and not by one', () => {
    const after = { quietMs: 91_000, unansweredMs: 91_000, allowedAnswerMs: 30_000, requests: 1 };
    expect(verdict({ ...after, unanswered: 3 })).toMatchObject({ verdict: 'stuck', cause: 'probe-only' });
    expect(verdict({ ...after, unanswered: 2 }).verdict).toBe('busy');
    expect(verdict({ ...after, unanswered: 3, isProbed: false })).toMatchObject({ cause: 'silent' });
  });

  it('calls a replica busy whose probe takes as long as clients wait: it works off a queue, and passes nobody by', () => {
    const after = { quietMs: 91_000, unansweredMs: 91_000, allowedAnswerMs: 30_000, requests: 1, unanswered: 3 };
    expect(verdict({ ...after, lastProbeMs: 10_001 }).verdict).toBe('busy');
    expect(verdict({ ...after, lastProbeMs: 10_000 }).verdict).toBe('stuck');
  });
});

describe('findStuckLimit', () => {
  const waits = { unansweredMs: 1, allowedAnswerMs: 30_000 };
  it.each([
    ['of an idle replica', {}, 60_000],
    ['with a request of a deadline of 30 s', { unansweredMs: 1, allowedAnswerMs: 30_000 }, 90_000],
    ['of an engine whose counters show what is queued', { queuedMs: 200_000, isProgressVisible: true }, 60_000],
    ['of a server with work of 200 s before its probe', { queuedMs: 200_000 }, 600_000],
    ['of a server without a probe, with work of 200 s', { queuedMs: 200_000, isProbed: false }, 200_000],
    ['of a server with work of an hour before its probe', { queuedMs: 3_600_000 }, 1_800_000],
    ['after an answer that took 100 s', { seenAnswerMs: 100_000 }, 300_000],
    [
      'of one that moved each second, with a deadline of 30 s',
      { ...waits, stepMs: 1_000, seenAnswerMs: 100_000 },
      60_000,
    ],
    ['of one with batches of 8 s', { ...waits, stepMs: 8_000 }, 80_000],
    ['of one with batches of 25 s', { ...waits, stepMs: 25_000 }, 90_000],
    [
      'of one that moved each second, with work of 200 s before its probe',
      { ...waits, stepMs: 1_000, queuedMs: 200_000 },
      610_000,
    ],
    ['after a probe that took 40 s', { seenProbeMs: 40_000 }, 120_000],
    ['of a client that asks for a patience of a day', { unansweredMs: 1, allowedAnswerMs: 86_400_000 }, 1_800_000],
  ])('%s', (_what, over, limitMs) => {
    expect(findStuckLimit({ ...still, ...over }, 60_000)).toBe(limitMs);
  });
});
