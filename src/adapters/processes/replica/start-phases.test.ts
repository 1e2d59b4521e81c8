import { describe, expect, it } from 'vitest';
import { startPhases } from './start-phases.ts';

const measured = { layOutMs: 10, spawnedMs: 12, readyMs: 112, reported: [] };

describe('startPhases', () => {
  it('merges the whole start of a server that reports nothing', () => {
    expect(startPhases(measured)).toEqual([
      { phases: ['weights-fetch'], startMs: 0, durationMs: 10 },
      { phases: ['process-start', 'weights-load', 'engine-init', 'warm-up'], startMs: 12, durationMs: 100 },
    ]);
  });

  it('tells the bytes that were verified while files were laid out, where they are known', () => {
    expect(startPhases({ ...measured, layOutBytes: 5e6 })[0]).toEqual({
      ...{ phases: ['weights-fetch'], startMs: 0, durationMs: 10 },
      used: { fileBytes: 5e6 },
    });
  });

  it('takes what came before the first reported phase for the start of the process', () => {
    const reported = [{ phases: ['weights-load'] as const, startMs: 30, durationMs: 20 }];
    expect(startPhases({ ...measured, reported }).slice(1)).toEqual([
      { phases: ['process-start'], startMs: 12, durationMs: 30 },
      { phases: ['weights-load'], startMs: 42, durationMs: 20 },
    ]);
  });

  it('believes a server that reports the start of its process itself, and puts phases in order', () => {
    const reported = [
      { phases: ['warm-up'] as const, startMs: 50, durationMs: 5 },
      { phases: ['process-start'] as const, startMs: 0, durationMs: 25 },
    ];
    expect(startPhases({ ...measured, layOutMs: null, reported })).toEqual([
      { phases: ['process-start'], startMs: 12, durationMs: 25 },
      { phases: ['warm-up'], startMs: 62, durationMs: 5 },
    ]);
  });

  it('claims no start of a process for what was a spare', () => {
    expect(startPhases({ ...measured, ofSpare: true }).slice(1)).toEqual([
      { phases: ['weights-load', 'engine-init', 'warm-up'], startMs: 12, durationMs: 100 },
    ]);
    const reported = [{ phases: ['weights-load', 'engine-init'] as const, startMs: 30, durationMs: 20 }];
    expect(startPhases({ ...measured, reported, ofSpare: true }).slice(1)).toEqual([
      { phases: ['weights-load', 'engine-init'], startMs: 42, durationMs: 20 },
    ]);
  });
});
