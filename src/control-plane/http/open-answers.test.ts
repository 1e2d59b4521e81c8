import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { OpenAnswers } from './open-answers.ts';

const answer = () => Object.assign(new EventEmitter(), { destroy: vi.fn() }) as unknown as ServerResponse;

test('answers that nobody reads hold a bounded memory, and give it back when they end', () => {
  const open = new OpenAnswers(100 * 1024);
  const first = answer();
  open.take(60 * 1024, first);
  expect(() => open.take(60 * 1024, answer())).toThrow(/fill the memory/);
  open.take(1_000, answer());
  first.emit('close');
  open.take(60 * 1024, answer());
});

test('an answer that is not read in a minute is ended', () => {
  vi.useFakeTimers();
  try {
    const late = answer();
    new OpenAnswers().take(60 * 1024, late);
    vi.advanceTimersByTime(59_000);
    expect(late.destroy).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(late.destroy).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});
