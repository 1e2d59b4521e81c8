import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthyValues, makeWindow } from '../../../testing/builders/diagnosis/make-readings.ts';
import { causes, type Cause } from '../cause.ts';
import { readingNames, type ReadingName } from '../readings/window-readings.ts';
import { causeOrder } from './cause-order.ts';
import { suspectCauses } from './suspect-causes.ts';

type Values = Partial<Record<ReadingName, number>>;
const suspectedOf = (values: Values, engine?: 'cpu' | 'accelerator'): readonly Cause[] =>
  suspectCauses(makeWindow(values, engine)).suspected.map(({ cause }) => cause);

/** What one fault changes of a healthy window, and the suspicions that it raises. */
const faults: readonly (readonly [fault: string, changes: Values, suspected: readonly Cause[]])[] = [
  ['none', {}, []],
  ['a generator behind its schedule', { generatorDelayMs: 25 }, ['generator']],
  [
    'a generator that is late by much of a fast answer',
    { generatorDelayMs: 8.9, generatorDelayShare: 0.15 },
    ['generator'],
  ],
  ['a generator that waits for a core', { generatorWaitShare: 0.6, generatorDelayMs: 6 }, ['generator']],
  ['a generator that sends too little', { generatorAchievedShare: 0.95 }, ['generator']],
  ['memory-bound kernels', { smActiveShare: 0.95, dramActiveShare: 0.85 }, ['memory-bound']],
  ['busy memory beside idle multiprocessors', { smActiveShare: 0.6, dramActiveShare: 0.85 }, []],
  ['heat', { harmfullyThrottledDevices: 1 }, ['throttled']],
  [
    'no demand',
    { smActiveShare: 0.2, engineRunShare: 0.2, concurrentRequests: 0.3, waitingRequests: 0 },
    ['under-loaded'],
  ],
  ['an idle accelerator beside a queue', { smActiveShare: 0.2, waitingRequests: 6, concurrentRequests: 9 }, []],
  ['a full thread', { busiestThreadShare: 0.97 }, ['cpu-thread']],
  ['a tokenizer that fills the thread', { busiestThreadShare: 0.97, preprocessOfThreadShare: 0.9 }, ['preprocessing']],
  ['a quota', { throttledPeriodShare: 0.3, threadWaitShare: 0.4 }, ['cpu-quota']],
  ['others on the cores', { threadWaitShare: 0.3, cpuPressureShare: 0.6 }, ['cpu-pressure']],
  ['others on other cores', { threadWaitShare: 0.01, cpuPressureShare: 0.6 }, []],
  ['a link of one generation less', { linkGenerationShare: 0.8 }, ['pcie-link']],
  ['a link of half its width', { linkWidthShare: 0.5 }, ['pcie-link']],
  ['a full bus', { busUseShare: 0.85 }, ['pcie-traffic']],
  ['cores of the other socket', { devicesOnOtherNumaNode: 1 }, ['numa']],
  ['a slow disk', { ioPressureShare: 0.4 }, ['storage']],
  ['dropped pages', { majorFaultsPerSecond: 80 }, ['page-cache']],
  ['short memory', { memoryPressureShare: 0.1, majorFaultsPerSecond: 300, ioPressureShare: 0.4 }, ['memory-pressure']],
  ['a memory limit that is met on a busy node', { memoryLimitHitsPerSecond: 400 }, ['memory-pressure']],
  [
    'reads of a disk that the pressure of a busy node hides',
    { replicaReadBytesPerSecond: 9e6 },
    ['storage', 'page-cache'],
  ],
  ['a delaying proxy', { transferTimeShare: 0.7, transferMs: 40 }, ['network']],
  ['the short way of a tiny model', { transferTimeShare: 0.7, transferMs: 2 }, []],
  ['a server that gets no core', { transferTimeShare: 0.7, transferMs: 40, threadWaitShare: 0.4 }, ['cpu-pressure']],
  ['lost packets', { retransmittedShare: 0.03 }, ['network']],
  ['a slow tokenizer', { preprocessTimeShare: 0.6 }, ['preprocessing']],
  ['a long batch delay', { batchWaitTimeShare: 0.7, engineRunShare: 0.3 }, ['batching']],
  ['tiny batches', { waitingBatches: 15, engineRunShare: 0.95, smActiveShare: 0.95 }, ['batching']],
  ['a small limit at the replica', { queueTimeShare: 0.8 }, ['queue']],
  ['a slow upstream', { upstreamTimeShare: 0.7 }, ['upstream']],
];

describe('suspectCauses', () => {
  it.each(faults)('of %s', (_fault, changes, suspected) => {
    expect(suspectedOf({ ...healthyValues, ...changes })).toEqual(suspected);
  });

  it('clears what starves where the accelerator is busy', () => {
    const changes = { smActiveShare: 0.9, throttledPeriodShare: 0.3, queueTimeShare: 0.9, transferTimeShare: 0.8 };
    expect(suspectedOf({ ...healthyValues, ...changes })).toEqual([]);
  });

  it.each<[cause: Cause, changes: Values]>([
    ['network', { transferTimeShare: 0.8, transferMs: 80 }],
    ['upstream', { upstreamTimeShare: 0.8 }],
    ['generator', { generatorDelayMs: 22 }],
  ])('suspects %s where the engine runs batches all the time that are far from full', (cause, changes) => {
    const busy = { ...healthyValues, smActiveShare: 0.92, engineRunShare: 0.9, ...changes };
    expect(suspectedOf({ ...busy, batchFillShare: 0.28 })).toEqual([cause]);
    expect(suspectedOf({ ...busy, batchFillShare: 0.8 })).toEqual([]);
  });

  it('takes a busy engine for the limit where nothing is told of its batches', () => {
    const { batchFillShare: _, ...values } = { ...healthyValues, smActiveShare: 0.92, upstreamTimeShare: 0.8 };
    expect(suspectedOf(values)).toEqual([]);
  });

  it('tells how full the batches of a busy engine are', () => {
    const { engine } = suspectCauses(makeWindow({ ...healthyValues, smActiveShare: 0.92, batchFillShare: 0.28 }));
    expect(engine).toEqual({
      activity: 'between',
      reason: 'the accelerator is active for 92% of the time, with batches filled to 28%',
    });
  });

  it('suspects what holds a processor up although the engine on it computes all the time', () => {
    const changes = { engineRunShare: 0.95, throttledPeriodShare: 0.3, queueTimeShare: 0.9 };
    expect(suspectedOf({ ...healthyValues, ...changes }, 'cpu')).toEqual(['cpu-quota']);
  });

  it('suspects and clears nothing where nothing was read', () => {
    const { suspected, cleared, notRead, engine } = suspectCauses(makeWindow({}));
    expect(suspected).toEqual([]);
    expect(cleared).toEqual([]);
    expect(notRead.map(({ cause }) => cause)).toEqual(causes);
    expect(engine.activity).toBe('unknown');
  });

  it('asks nothing of accelerators where there is none', () => {
    const { cleared } = suspectCauses(makeWindow({}, 'cpu'));
    expect(cleared.map(({ cause }) => cause)).toEqual([
      'memory-bound',
      'throttled',
      'memory-repair',
      'pcie-link',
      'pcie-traffic',
      'numa',
      'peer-access',
    ]);
  });

  it('says with numbers what was crossed', () => {
    const [first] = suspectCauses(makeWindow({ ...healthyValues, throttledPeriodShare: 0.275 })).suspected;
    expect(first).toEqual({
      cause: 'cpu-quota',
      experiment: 'lifted-quota',
      // (0.275 - 0.05) / (0.5 - 0.05)
      strength: expect.closeTo(0.5, 10) as number,
      reason: 'periods in which the quota held the replica back: 27.5% (line: at least 5%)',
    });
  });

  it('never suspects more for a reading that becomes unknown, nor clears more', () => {
    const windows = fc.record(
      Object.fromEntries(readingNames.map((name) => [name, fc.option(fc.double({ min: 0, max: 20, noNaN: true }))])),
    );
    fc.assert(
      fc.property(windows, fc.constantFrom(...readingNames), (drawn, lost) => {
        const known = Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== null)) as Values;
        // What clears a cause because another explains its signs stands no more once that one is unknown.
        const explaining = causeOrder.flatMap(({ unless }) => unless.map(({ reading }) => reading));
        const engineOf: readonly ReadingName[] = ['smActiveShare', 'engineRunShare', 'batchFillShare'];
        const firstOfTwo: readonly ReadingName[] = ['threadWaitShare'];
        fc.pre(![...explaining, ...engineOf, ...firstOfTwo].includes(lost));
        const { [lost]: _lost, ...rest } = known;
        const [all, fewer] = [suspectCauses(makeWindow(known)), suspectCauses(makeWindow(rest))];
        const causesOf = (list: readonly { readonly cause: Cause }[]): readonly Cause[] =>
          list.map(({ cause }) => cause);
        const isClearedAtAll = causesOf(fewer.cleared).every((cause) => !causesOf(all.notRead).includes(cause));
        expect(causesOf(all.suspected)).toEqual(expect.arrayContaining([...causesOf(fewer.suspected)]));
        expect(isClearedAtAll).toBe(true);
      }),
    );
  });

  it('tells each cause once', () => {
    const values = fc.record(
      Object.fromEntries(readingNames.map((name) => [name, fc.double({ min: 0, max: 20, noNaN: true })])),
    );
    fc.assert(
      fc.property(values, fc.constantFrom('cpu' as const, 'accelerator' as const), (drawn, engine) => {
        const { suspected, cleared, notRead } = suspectCauses(makeWindow(drawn, engine));
        const told = [...suspected, ...cleared, ...notRead].map(({ cause }) => cause);
        expect(told.toSorted()).toEqual([...causes].toSorted());
        expect(suspected.every(({ strength }) => strength >= 0 && strength <= 1)).toBe(true);
      }),
    );
  });
});

describe('causeOrder', () => {
  it('asks for every cause in the order of the facts, with a source each', () => {
    expect([...new Set(causeOrder.map(({ cause }) => cause))]).toEqual(causes);
    expect(causeOrder.every(({ source }) => /20\d\d-\d\d/.test(source))).toBe(true);
  });
});
