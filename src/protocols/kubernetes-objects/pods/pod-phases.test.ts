import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePodPhases, type PodStart } from './pod-phases.ts';

const at = (seconds: number): number => 1_700_000_000_000 + seconds * 1_000;
const start = (more: Partial<PodStart>): PodStart => ({
  createdAtMs: at(0),
  scheduledAtMs: at(1),
  pullMs: 4_200,
  fetchMs: 0,
  containerStartedAtMs: at(8),
  readyAtMs: at(12),
  reported: [],
  ...more,
});
const phasesOf = (more: Partial<PodStart>): string[] =>
  makePodPhases(start(more)).map(
    ({ phases, startMs, durationMs }) => `${phases.join('+')} ${startMs}..${startMs + durationMs}`,
  );
const process = 'process-start+weights-load+engine-init+warm-up';

describe('the phases of a pod', () => {
  it('follow one another from its creation to its readiness', () => {
    expect(phasesOf({})).toEqual(['schedule 0..1000', 'image-pull 1000..5200', `${process} 5200..12000`]);
  });

  it('have no pull where the image was there', () => {
    expect(phasesOf({ pullMs: 0 })).toEqual(['schedule 0..1000', `${process} 1000..12000`]);
  });

  it('tell how long files were fetched, and no longer than there was time for it', () => {
    expect(phasesOf({ fetchMs: 2_000 })).toEqual([
      'schedule 0..1000',
      'image-pull 1000..5200',
      'weights-fetch 5200..7200',
      `${process} 7200..12000`,
    ]);
    expect(phasesOf({ fetchMs: 60_000 })[2]).toBe('weights-fetch 5200..8000');
  });

  it('merge the pull with what follows where no event tells of it', () => {
    expect(phasesOf({ pullMs: null })).toEqual(['schedule 0..1000', `image-pull+${process} 1000..12000`]);
  });

  it('keep what the replica tells that one of them used', () => {
    const used = { fileBytes: 5e6, diskBytes: 4e6 };
    const reported = [
      { phases: ['process-start' as const], startMs: 0, durationMs: 1_000 },
      { phases: ['weights-fetch' as const], startMs: 1_000, durationMs: 2_000, used },
    ];
    expect(makePodPhases(start({ reported })).map((phase) => phase.used)).toEqual([
      undefined,
      undefined,
      undefined,
      used,
    ]);
  });

  it('merge what lies in the same second', () => {
    expect(phasesOf({ scheduledAtMs: at(0) })).toEqual(['schedule+image-pull 0..4200', `${process} 4200..12000`]);
    expect(phasesOf({ scheduledAtMs: at(0), pullMs: 0, containerStartedAtMs: at(0), readyAtMs: at(0) })).toEqual([
      `schedule+${process} 0..1000`,
    ]);
  });

  it('merge what a clock that is behind another makes negative', () => {
    expect(phasesOf({ scheduledAtMs: at(-3) })).toEqual(['schedule+image-pull 0..1200', `${process} 1200..12000`]);
  });

  it('are those of the replica from its container on', () => {
    const reported = [
      { phases: ['weights-load'] as const, startMs: 500, durationMs: 2_000 },
      { phases: ['warm-up'] as const, startMs: 2_500, durationMs: 1_500 },
    ];
    expect(phasesOf({ reported })).toEqual([
      'schedule 0..1000',
      'image-pull 1000..5200',
      'process-start 5200..8500',
      'weights-load 8500..10500',
      'warm-up 10500..12000',
    ]);
  });

  it('count the time before the container to the start of the process that the replica reports', () => {
    const reported = [
      { phases: ['process-start'] as const, startMs: 0, durationMs: 400 },
      { phases: ['weights-load'] as const, startMs: 400, durationMs: 3_600 },
    ];
    expect(phasesOf({ reported }).slice(2)).toEqual(['process-start 5200..8400', 'weights-load 8400..12000']);
  });

  it('are never zero or negative, never overlap, and add up to the start where the times are in order', () => {
    const seconds = fc.integer({ min: -3, max: 50 });
    fc.assert(
      fc.property(
        seconds,
        seconds,
        seconds,
        fc.option(fc.integer({ min: 0, max: 60_000 })),
        (scheduled, container, ready, pullMs) => {
          const phases = makePodPhases(
            start({ scheduledAtMs: at(scheduled), containerStartedAtMs: at(container), readyAtMs: at(ready), pullMs }),
          );
          let endMs = 0;
          for (const { phases: names, startMs, durationMs } of phases) {
            expect(names.length).toBeGreaterThan(0);
            expect(durationMs).toBeGreaterThan(0);
            expect(startMs).toBe(endMs);
            endMs += durationMs;
          }
          const isOrdered = 0 <= scheduled && scheduled <= container && container <= ready && ready > 0;
          if (isOrdered) expect(endMs).toBe(ready * 1_000);
        },
      ),
    );
  });
});
