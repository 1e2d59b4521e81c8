import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIncidents } from './read-incidents.ts';
import { baselines, judgeAll, judgeByRules, reachesAim } from './score.ts';

describe('incidents of a neutral sample of engines and packages', () => {
  const eighth = readIncidents(path.join(import.meta.dirname, 'eighth.json'));

  it('have a source with its address and a date each, and a twin where they do not run', () => {
    expect(new Set(eighth.map(({ id }) => id)).size).toBe(37);
    expect(eighth.filter(({ expected }) => expected === 'runs').length).toBe(7);
    for (const { url, date, twin, expected } of eighth) {
      expect(url).toMatch(/^https:\/\//);
      expect(date).toBeTruthy();
      if (expected === 'does not run') {
        expect([twin?.fix, twin?.source, twin?.date].every((text) => (text ?? '') !== '')).toBe(true);
      }
    }
  });

  it('are judged right, but for one whose report does not name who calls xFormers', () => {
    const all = judgeAll(eighth, judgeByRules);
    const wrong = all.filter(({ right }) => !right);
    expect(wrong.map(({ id, form, verdict }) => [id, form, verdict])).toEqual([['q20', 'row', 'unknown']]);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(eighth, judge))).toBe(false);
  });
});
