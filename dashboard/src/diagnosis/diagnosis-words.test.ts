import { describe, expect, it } from 'vitest';
import type { DiagnosisAnswer, ShownDiagnosis } from '../../../src/schemas/diagnosis/http-diagnosis.ts';
import { diagnosisAnswerSchema } from '../../../src/schemas/diagnosis/http-diagnosis.ts';
import { fakeDiagnosis } from '../../dev/fake-diagnosis.ts';
import {
  ceilingNote,
  costWords,
  findShown,
  firstSource,
  gainWords,
  isCrossed,
  layWaterfall,
  nextStep,
  proofsOf,
  readWords,
  sourcesOf,
  stepTime,
  unreadOf,
  verdictWords,
} from './diagnosis-words.ts';

const nowMs = Date.parse('2026-11-29T07:00:00Z');
const answerOf = (scenario: string): DiagnosisAnswer => fakeDiagnosis(scenario, nowMs);
const shownIn = (scenario: string, source: 'run' | 'watched'): ShownDiagnosis => {
  const shown = findShown(answerOf(scenario), source);
  if (shown === null) throw new Error(`${scenario} has no ${source}`);
  return shown;
};
const run = shownIn('steady', 'run');
const open = shownIn('scaling', 'watched');

it.each(['steady', 'scaling', 'tabular', 'empty'])(
  'the made-up answer of %s is one of the control plane',
  (scenario) => {
    const answer = answerOf(scenario);
    expect(diagnosisAnswerSchema.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
  },
);

describe('what is shown first', () => {
  it('is the last diagnosis of the hour, then what is watched', () => {
    const answer = answerOf('steady');
    expect(sourcesOf(answer)).toEqual(['watched', 'run']);
    expect(firstSource(answer)).toBe('run');
    expect(firstSource({ ...answer, nowMs: nowMs + 3_600_000 })).toBe('watched');
    expect(firstSource({ ...answer, nowMs: nowMs + 3_600_000, watched: { missing: 'x' } })).toBe('run');
  });

  it('is nothing where nothing is known', () => {
    expect(firstSource(answerOf('empty'))).toBeNull();
    expect(findShown(answerOf('empty'), null)).toBeNull();
    expect(findShown(answerOf('empty'), 'watched')).toBeNull();
  });
});

describe('the words of a diagnosis', () => {
  it('name a shown cause with its effect, cost and remedy', () => {
    expect(verdictWords(run)).toBe('cpu-quota is shown: without it 84% more answers (at least 71%, at most 97%).');
    // 3,600 x (1 - 1 / 1.84) = 1,643 s; at 2.60 an hour 1.19.
    expect(costWords(run.finding)).toBe('It costs 1,643 accelerator-seconds of each hour (1.19 EUR an hour).');
    expect(gainWords(run.finding)).toBe('Expected of it: 84% more answers (at least 71%, at most 97%).');
    expect(nextStep(run)).toEqual({ words: `Remedy: ${run.finding.remedy}`, command: null });
  });

  it('say what would decide where nothing is shown, and nothing where nothing is suspected', () => {
    expect(verdictWords(open)).toBe('Undetermined. Likeliest: pcie-link, then pcie-traffic.');
    expect([costWords(open.finding), gainWords(open.finding)]).toEqual([null, null]);
    expect(nextStep(open)?.command).toBe('plimsoll diagnose --load --live');
    const calm = shownIn('tabular', 'watched');
    expect(verdictWords(calm)).toBe('No cause is suspected: the engine computes for 61% of the time.');
    expect(nextStep(calm)).toBeNull();
  });

  it('say that money is not known without a price', () => {
    const cost = { acceleratorSecondsPerHour: 1_800, money: null };
    expect(costWords({ cost })).toBe('It costs 1,800 accelerator-seconds of each hour (no price is known).');
  });

  it('give the age of what was read, where it was, and by whom', () => {
    expect(readWords(run.record, 'vera', nowMs)).toBe('Read over 8 s, ended 12 min ago; node gpu-1; by vera.');
    expect(readWords({ ...open.record, node: null }, null, nowMs)).toBe(
      'Read over 8 s, ended 19 s ago; the node was not read; by the control plane, without experiments.',
    );
  });
});

describe('the waterfall', () => {
  it('lays known phases one after the other up to the whole, and names those that nobody told', () => {
    const drawn = layWaterfall(run.record);
    if (typeof drawn === 'string') throw new Error(drawn);
    const last = drawn.steps.at(-1);
    expect(drawn.steps.map(({ name }) => name)).toContain('batch-wait');
    expect(drawn.steps.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1, 6);
    expect(last?.name).toBe('not accounted');
    expect((last?.from ?? 0) + (last?.width ?? 0)).toBeCloseTo(1, 6);
    expect(drawn.unknown).toEqual([{ reason: 'this server does not tell it', phases: ['upstream'] }]);
  });

  it('draws no step past the whole, whatever clocks say', () => {
    const waterfall = run.record.waterfall!;
    const drawn = layWaterfall({ waterfall: { ...waterfall, totalMs: { value: 5 } } });
    if (typeof drawn === 'string') throw new Error(drawn);
    expect(drawn.steps.every(({ from, width }) => from + width <= 1 + 1e-9)).toBe(true);
  });

  it('says why there is none', () => {
    expect(layWaterfall({ waterfall: null })).toBe('No service was looked at.');
    const totalMs = { unknown: 'no request ended in this time' };
    expect(layWaterfall({ waterfall: { ...run.record.waterfall!, totalMs } })).toBe(
      'It is not known where a request waits: no request ended in this time.',
    );
  });

  it('tells small times to the hundredth of a millisecond', () => {
    expect([stepTime(0.031), stepTime(0.999), stepTime(12.4)]).toEqual(['0.03 ms', '1.00 ms', '12 ms']);
  });
});

describe('ceilings', () => {
  const ceiling = (name: string) => open.record.ceilings.find((each) => each.name === name)!;

  it('stand out where their cause is suspected, and only there', () => {
    const { suspected } = open.record;
    expect(isCrossed(ceiling('busUseShare'), suspected)).toBe(true);
    // Below 50% activity, and yet the service has requests under way: it is not under-loaded.
    expect(isCrossed(ceiling('smActiveShare'), suspected)).toBe(false);
    expect(isCrossed(ceiling('linkWidthShare'), suspected)).toBe(false);
    expect(isCrossed(ceiling('memoryUseShare'), suspected)).toBe(false);
  });

  it('tell their line and the age of their measurement', () => {
    expect(ceilingNote(ceiling('busUseShare'), nowMs)).toBe('line: at least 70%; ceiling measured 1 d 2 h ago');
    expect(ceilingNote(ceiling('memoryUseShare'), nowMs)).toBe('');
  });
});

it('puts each suspected cause beside what its experiment gave', () => {
  expect(proofsOf(run).map(({ cause, kind, outcome }) => [cause, kind, outcome])).toEqual([
    ['cpu-quota', 'shown', 'shown: 84% more answers (at least 71%, at most 97%), 10 rounds'],
    ['batching', 'not-run', 'not run: cpu-quota explains the same signs'],
  ]);
  expect(proofsOf(open)[0]).toMatchObject({ experiment: 'preloaded-data', kind: 'none', outcome: 'not run' });
});

it('lists what was not read, also ceilings that no cause asks for', () => {
  const [first] = unreadOf(run.record);
  expect(first?.causes).toContain('storage');
  expect(first?.readings).toContain('accelerator memory in use');
  expect(new Set(first?.readings).size).toBe(first?.readings.length);
});
