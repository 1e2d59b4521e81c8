import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIncidents } from './read-incidents.ts';
import { baselines, judgeAll, judgeByRules, reachesAim } from './score.ts';

/** Collected after the rules of the other files, to tell how these do on what they were not written for. */
describe.each([
  ['tenth.json', { rows: 34, running: 7 }, ['u14', 'u20 twin', 'u21', 'u23', 'u24', 'u32']],
  ['eleventh.json', { rows: 27, running: 5 }, ['y03', 'y06', 'y11', 'y12 twin', 'y13', 'y21']],
  [
    'twelfth.json',
    { rows: 47, running: 10 },
    [...['v11', 'v16', 'v16 read', 'v19', 'v22', 'v29', 'v33', 'v34 twin', 'v46'], 'v47'],
  ],
  ['thirteenth.json', { rows: 33, running: 8 }, ['a05', 'a09', 'a10', 'a13 twin', 'a16', 'a19', 'a21 read', 'a28']],
  ['fourteenth.json', { rows: 36, running: 7 }, ['b02', 'b02 read', 'b10', 'b35']],
  [
    'fifteenth.json',
    { rows: 31, running: 7 },
    [...['aa01', 'aa02', 'aa03 twin', 'aa06', 'aa07', 'aa07 twin', 'aa09', 'aa14', 'aa15', 'aa21', 'aa25'], 'aa29'],
  ],
  ['sixteenth.json', { rows: 30, running: 6 }, ['ab01', 'ab04', 'ab08', 'ab18', 'ab19', 'ab20', 'ab21', 'ab23']],
  ['seventeenth.json', { rows: 62, running: 11 }, ['ac23', 'ad21 twin', 'ad32']],
  [
    'eighteenth.json',
    { rows: 64, running: 9 },
    [...['ae07 twin', 'ae12', 'ae21', 'ae21 read', 'ae22', 'af01', 'af02', 'af05', 'af29', 'af30'], 'af32', 'af34'],
  ],
  [
    'nineteenth.json',
    { rows: 77, running: 36 },
    ['ag10', 'ag18', 'ah18', 'ah18 read', 'ah19', 'ah19 read', 'ah21', 'ah21 read', 'ah23'],
  ],
  [
    'twentieth.json',
    { rows: 74, running: 24 },
    [
      ...['ai14', 'ai20 twin', 'ai21 twin', 'ai33', 'aj05 twin', 'aj07', 'aj12 twin', 'aj18', 'aj20', 'aj21', 'aj22'],
      ...['aj23', 'aj24'],
    ],
  ],
  [
    'twenty-first.json',
    { rows: 41, running: 6 },
    ['ak07', 'ak09 twin', 'ak12', 'ak15 twin', 'ak18 twin', 'ak23', 'ak28', 'ak41'],
  ],
  [
    'twenty-second.json',
    { rows: 35, running: 7 },
    ['al08', 'al10', 'al16 twin', 'al19', 'al20', 'al21', 'al22', 'al23', 'al24', 'al25', 'al33 twin'],
  ],
  [
    'twenty-third.json',
    { rows: 40, running: 10 },
    [
      ...['am01 twin', 'am10', 'am13', 'am14', 'am15', 'am18', 'am21', 'am22', 'am23 read', 'am23 twin', 'am27 twin'],
      ...['am28 twin', 'am30', 'am32', 'am35 twin', 'am36 twin', 'am39'],
    ],
  ],
] as const)('the incidents of %s', (file, { rows, running }, wrong) => {
  const incidents = readIncidents(path.join(import.meta.dirname, file));

  it('have a source with its address and a date each, and a twin where they do not run', () => {
    expect(new Set(incidents.map(({ id }) => id)).size).toBe(rows);
    expect(incidents.filter(({ expected }) => expected === 'runs').length).toBe(running);
    for (const { url, date, twin, expected } of incidents) {
      expect(url).toMatch(/^https:\/\//);
      expect(date).toBeTruthy();
      if (expected === 'does not run') {
        expect([twin?.fix, twin?.source, twin?.date].every((text) => (text ?? '') !== '')).toBe(true);
      }
    }
  });

  it('are judged right, but for those that are named', () => {
    const found = judgeAll(incidents, judgeByRules)
      .filter(({ right }) => !right)
      .map(({ id, form }) => (form === 'row' ? id : `${id} ${form}`));
    expect(found.toSorted()).toEqual([...wrong]);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(incidents, judge))).toBe(false);
  });
});
