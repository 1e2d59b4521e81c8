import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { hearInterruption } from './interruption.ts';

describe('what ends a command', () => {
  const heard = (process: EventEmitter): readonly number[] =>
    ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));

  it('is heard by the command itself, once', () => {
    const process = new EventEmitter();
    const { signal } = hearInterruption(process);
    process.emit('SIGINT');
    expect(signal.aborted).toBe(true);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  it('is left to the system while the command computes, since no handler would run', () => {
    const process = new EventEmitter();
    const { compute, signal } = hearInterruption(process);
    expect(compute(() => heard(process))).toEqual([0, 0]);
    expect(heard(process)).toEqual([1, 1]);
    process.emit('SIGTERM');
    expect(signal.aborted).toBe(true);
  });

  it('is heard again after a computation that failed', () => {
    const process = new EventEmitter();
    const { compute } = hearInterruption(process);
    expect(() =>
      compute(() => {
        throw new Error('no plan');
      }),
    ).toThrow('no plan');
    expect(heard(process)).toEqual([1, 1]);
  });

  it('ends the command by the second one, also after a computation', () => {
    const process = new EventEmitter();
    const { compute } = hearInterruption(process);
    process.emit('SIGINT');
    compute(() => 1);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});
