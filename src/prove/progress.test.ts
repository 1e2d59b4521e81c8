import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tellSlowAnswers, waitProgress } from './progress.ts';

describe('a wait', () => {
  const notes: string[] = [];
  const terminal = { note: (text: string) => void notes.push(text) };
  beforeEach(() => void notes.splice(0));

  it('is told of after 2 s: each new state, and the same one every 5 s', () => {
    const tell = waitProgress({ terminal }, 'it', 60_000);
    for (let ms = 0; ms <= 9_000; ms += 100) tell(ms < 4_000 ? 'waits' : 'loads', ms);
    expect(notes).toEqual([
      '  it waits; waited 2s, at most 58s more',
      '  it loads; waited 4s, at most 56s more',
      '  it loads; waited 9s, at most 51s more',
    ]);
  });

  it('that counts is told of twice a second at first and then every 2 s', () => {
    const tell = waitProgress({ terminal }, 'it', null);
    for (let ms = 0; ms < 60_000; ms += 100) tell(`is at ${ms}`, ms);
    expect(notes.length).toBeGreaterThan(20);
    expect(notes.length).toBeLessThan(40);
    expect(notes[0]).toBe('  it is at 2000; waited 2s');
  });
});

describe('slow answers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are told of by the oldest request, with how long at most; others say nothing', async () => {
    const notes: string[] = [];
    const clock = { monotonicMs: () => performance.now(), nowMs: () => Date.now(), sleep: () => Promise.resolve() };
    const slow = tellSlowAnswers({ clock, terminal: { note: (text) => void notes.push(text) } }, 60_000);
    const after = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
    const answers = Promise.all([slow(() => after(4_000)), slow(() => after(12_500)), slow(() => after(1))]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await answers).toEqual([4_000, 12_500, 1]);
    expect(notes).toEqual([
      '  the replica has not answered a request yet; waited 5s, at most 55s more',
      '  the replica has not answered a request yet; waited 10s, at most 50s more',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that fail are waited for no longer', async () => {
    const clock = { monotonicMs: () => performance.now(), nowMs: () => Date.now(), sleep: () => Promise.resolve() };
    const slow = tellSlowAnswers({ clock, terminal: { note: () => undefined } }, 60_000);
    await expect(slow(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(vi.getTimerCount()).toBe(0);
  });
});
