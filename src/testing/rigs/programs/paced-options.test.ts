import { describe, expect, it } from 'vitest';
import { readPacedOptions } from './paced-options.ts';

const curve = (text: string, ...more: readonly string[]) => readPacedOptions(['--curve', text, ...more]).curve;

describe('the options of a paced server', () => {
  it('state its curve', () => {
    expect(curve('batch:10ms,11ms,12.5ms')).toEqual({ kind: 'batch', batchMs: [10, 11, 12.5], maxDelayMs: 0 });
    expect(curve('batch:3,8ms+0.5ms', '--max-delay', '5ms')).toEqual({
      kind: 'batch',
      batchMs: [8.5, 9, 9.5],
      maxDelayMs: 5,
    });
    expect(curve('slots:4,200ms')).toEqual({ kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 200 });
    expect(curve('slots:3,1s,1,0.8')).toMatchObject({ speeds: [1, 0.8, 0.8], meanWorkMs: 1_000 });
  });

  it('state its start, phase by phase', () => {
    expect(readPacedOptions(['--curve', 'slots:1,1ms', '--start', 'weights-fetch:3s,weights-load:7s']).start).toEqual([
      { phase: 'weights-fetch', durationMs: 3_000 },
      { phase: 'weights-load', durationMs: 7_000 },
    ]);
    expect(readPacedOptions(['--curve', 'slots:1,1ms', '--start', '10s']).start).toEqual([
      { phase: 'weights-load', durationMs: 10_000 },
    ]);
  });

  it.each([
    [['--curve', 'spread:3'], 'batch:... or slots:...'],
    [['--curve', 'slots:0,1ms'], 'whole number'],
    [['--curve', 'slots:1,1'], 'duration'],
    [['--curve', 'slots:1,1ms,2'], 'at most 1'],
    [['--curve', 'slots:1,1ms', '--start', 'dinner:3s'], 'no phase'],
    [[], 'batch:... or slots:...'],
  ])('that make no sense are refused: %j', (argv, message) => {
    expect(() => readPacedOptions(argv)).toThrow(message);
  });
});
