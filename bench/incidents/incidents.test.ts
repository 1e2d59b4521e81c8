import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { factsOf } from './facts-of-incident.ts';
import { matrixRows, wrongLines } from './matrix.ts';
import { changeIncident, readForeignIncidents, readIncidents } from './read-incidents.ts';
import { baselines, completeRows, isRight, judgeAll, judgeByRules, reachesAim, scoreOf } from './score.ts';

const rows = readIncidents(path.join(import.meta.dirname, 'incidents.json'));
const first = rows[0];
if (first === undefined) throw new Error('the file holds no incident');

describe('the incidents of the repository', () => {
  it('are forty, each with a source, a date and a twin with its own', () => {
    expect(rows).toHaveLength(40);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(40);
    for (const { source, date, twin } of rows) {
      expect([source, date, twin?.source, twin?.date, twin?.fix].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('and their twins are judged right in at least 38 of 40', () => {
    const all = judgeAll(rows, judgeByRules);
    expect(scoreOf(all, 'row').right).toBeGreaterThanOrEqual(38);
    expect(scoreOf(all, 'twin').right).toBeGreaterThanOrEqual(38);
    expect(wrongLines(all.filter(({ form }) => form === 'read'))).toEqual([]);
    expect(reachesAim(all)).toBe(true);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(rows, judge))).toBe(false);
  });

  it('that pass as reported name what nobody read', () => {
    const passed = judgeAll(rows, judgeByRules).filter(
      ({ form, verdict, right }) => form === 'row' && verdict === 'pass' && !right,
    );
    for (const { notChecked } of passed) expect(notChecked).not.toEqual([]);
  });
});

describe('the further incidents', () => {
  const further = readIncidents(path.join(import.meta.dirname, 'further.json'));

  it('have a source with its address, a date and a twin each, and ids of their own', () => {
    const ids = [...rows, ...further].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { url, date, twin } of further) {
      expect(url).toMatch(/^https:\/\//);
      expect([date, twin?.fix, twin?.source].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('are judged right', () => {
    const all = judgeAll(further, judgeByRules);
    expect(wrongLines(all)).toEqual([]);
    expect(reachesAim(all)).toBe(true);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(further, judge))).toBe(false);
  });
});

describe('the later incidents', () => {
  const later = readIncidents(path.join(import.meta.dirname, 'later.json'));

  it('have a source with its address, a date and a twin each, and ids of their own', () => {
    const further = readIncidents(path.join(import.meta.dirname, 'further.json'));
    const ids = [...rows, ...further, ...later].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { url, date, twin } of later) {
      expect(url).toMatch(/^https:\/\//);
      expect([date, twin?.fix, twin?.source].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('are judged right', () => {
    const all = judgeAll(later, judgeByRules);
    expect(wrongLines(all)).toEqual([]);
    expect(reachesAim(all)).toBe(true);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(later, judge))).toBe(false);
  });
});

describe('incidents that were collected before their rules', () => {
  const untuned = readIncidents(path.join(import.meta.dirname, 'untuned.json'));
  const fresh = readIncidents(path.join(import.meta.dirname, 'fresh.json'));

  it('have a source with its address, a date and a twin each, and ids of their own', () => {
    const ids = [...rows, ...untuned, ...fresh].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(fresh).toHaveLength(20);
    for (const { url, date, twin } of fresh) {
      expect(url).toMatch(/^https:\/\//);
      expect([date, twin?.fix, twin?.source].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('are judged right where kernels depend on the model: shared memory, the size of a head, FP32', () => {
    expect(wrongLines(judgeAll(untuned, judgeByRules))).toEqual([]);
  });

  it('are judged right where the driver tells the state of a board, and a build its code', () => {
    const all = judgeAll(fresh, judgeByRules);
    expect(wrongLines(all)).toEqual([]);
    const answers = all
      .filter(({ id }) => ['j07', 'j13', 'j17'].includes(id))
      .map(({ id, form, verdict }) => [id, form, verdict]);
    expect(answers).toEqual([
      ['j07', 'row', 'fail'],
      ['j13', 'row', 'unknown'],
      ['j17', 'row', 'fail'],
      ['j13', 'read', 'fail'],
      ['j07', 'twin', 'pass'],
      ['j13', 'twin', 'pass'],
      ['j17', 'twin', 'pass'],
    ]);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll([...untuned, ...fresh], judge))).toBe(false);
  });
});

describe('the incidents of general searches', () => {
  const unseen = readIncidents(path.join(import.meta.dirname, 'unseen.json'));

  it('are judged right, also where a variable chooses one of two engines', () => {
    expect(unseen).toHaveLength(8);
    expect(wrongLines(judgeAll(unseen, judgeByRules))).toEqual([]);
  });
});

describe('the incidents of classes that no earlier file has', () => {
  const fourth = readIncidents(path.join(import.meta.dirname, 'fourth.json'));

  it('have a source with its address, a date and a twin each, and ids of their own', () => {
    expect(new Set(fourth.map(({ id }) => id)).size).toBe(12);
    for (const { url, date, twin } of fourth) {
      expect(url).toMatch(/^https:\/\//);
      expect([date, twin?.fix, twin?.source].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('are judged right', () => {
    expect(wrongLines(judgeAll(fourth, judgeByRules))).toEqual([]);
  });

  it.each([
    ['l07', 'flash_attn_3'],
    ['l11', 'flash_attn_2_cuda'],
  ])('%s fails where the contract names %s', (id, library) => {
    const row = fourth.find((one) => one.id === id) ?? first;
    expect(judgeByRules(changeIncident(row, { hardware: { libraries: [library] } })).verdict).toBe('fail');
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(fourth, judge))).toBe(false);
  });
});

describe('the incidents of classes that no rule covered', () => {
  const fifth = readIncidents(path.join(import.meta.dirname, 'fifth.json'));

  it('have a source with its address, a date and a twin each, and ids of their own', () => {
    expect(new Set(fifth.map(({ id }) => id)).size).toBe(17);
    for (const { url, date, twin } of fifth) {
      expect(url).toMatch(/^https:\/\//);
      expect([date, twin?.fix, twin?.source].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('are judged right, those that run among them', () => {
    expect(fifth.filter(({ expected }) => expected === 'runs').map(({ id }) => id)).toEqual(['m16', 'm17']);
    expect(wrongLines(judgeAll(fifth, judgeByRules))).toEqual([]);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(fifth, judge))).toBe(false);
  });
});

describe('the incidents of engines and packages', () => {
  const sixth = readIncidents(path.join(import.meta.dirname, 'sixth.json'));

  it('have a source with its address, a date and a twin each, and ids of their own', () => {
    expect(new Set(sixth.map(({ id }) => id)).size).toBe(15);
    for (const { url, date, twin } of sixth) {
      expect(url).toMatch(/^https:\/\//);
      expect([date, twin?.fix, twin?.source].every((text) => (text ?? '') !== '')).toBe(true);
    }
  });

  it('are judged right, those that run among them', () => {
    expect(sixth.filter(({ expected }) => expected === 'runs').map(({ id }) => id)).toEqual([
      'r12',
      'r13',
      'r14',
      'r15',
    ]);
    expect(wrongLines(judgeAll(sixth, judgeByRules))).toEqual([]);
  });

  it('have other arguments where a change writes them', () => {
    const row = sixth.find(({ args }) => args !== undefined) ?? first;
    expect(factsOf(row).demands.args).toEqual(row.args);
    expect(factsOf(changeIncident(row, { args: [] })).demands.args).toEqual([]);
    expect(factsOf(first).demands.args).toBeUndefined();
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(sixth, judge))).toBe(false);
  });
});

describe('the incidents of nodes, drivers and containers', () => {
  const seventh = readIncidents(path.join(import.meta.dirname, 'seventh.json'));

  it('have a source with its address and a date each, and a twin where they do not run', () => {
    expect(new Set(seventh.map(({ id }) => id)).size).toBe(18);
    for (const { url, date, twin, expected } of seventh) {
      expect(url).toMatch(/^https:\/\//);
      expect(date).toBeTruthy();
      if (expected === 'does not run') {
        expect([twin?.fix, twin?.source, twin?.date].every((text) => (text ?? '') !== '')).toBe(true);
      }
    }
  });

  it('are judged right, but for two whose report leaves out what was then read', () => {
    const all = judgeAll(seventh, judgeByRules);
    const wrong = all.filter(({ right }) => !right);
    expect(wrong.map(({ id, form, verdict }) => [id, form, verdict])).toEqual([
      ['p28', 'row', 'pass'],
      ['p30', 'row', 'pass'],
    ]);
    expect(wrong[1]?.notChecked).toContain('NVSwitches and their Fabric Manager');
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(seventh, judge))).toBe(false);
  });
});

describe('the incidents of ordinary searches', () => {
  const ninth = readIncidents(path.join(import.meta.dirname, 'ninth.json'));

  it('have a source with its address and a date each, and a twin where they do not run', () => {
    expect(new Set(ninth.map(({ id }) => id)).size).toBe(32);
    for (const { url, date, twin, expected } of ninth) {
      expect(url).toMatch(/^https:\/\//);
      expect(date).toBeTruthy();
      if (expected === 'does not run') {
        expect([twin?.fix, twin?.source, twin?.date].every((text) => (text ?? '') !== '')).toBe(true);
      }
    }
  });

  it('are judged right, but for three whose report leaves out what was then read, and three that no rule tells', () => {
    const wrong = judgeAll(ninth, judgeByRules).filter(({ right }) => !right);
    expect(wrong.map(({ id, form, verdict }) => [id, form, verdict])).toEqual([
      ['w04', 'row', 'pass'],
      ['w06', 'row', 'pass'],
      ['w09', 'row', 'pass'],
      ['w14', 'row', 'pass'],
      ['w16', 'row', 'pass'],
      ['w29', 'row', 'pass'],
    ]);
  });

  it.each(Object.entries(baselines))('are no aim that %s reaches', (_name, judge) => {
    expect(reachesAim(judgeAll(ninth, judge))).toBe(false);
  });
});

describe('a board that the PCI bus alone shows', () => {
  it('is no device of a node, so that nothing runs on it', () => {
    const { snapshot } = factsOf({ ...first, device: { ...first.device, seenBy: 'bus' } });
    expect(snapshot.nodes[0]).toMatchObject({ devices: [], unlisted: [expect.stringContaining('no driver holds it')] });
    expect(judgeByRules({ ...first, device: { ...first.device, seenBy: 'bus' } }).verdict).toBe('fail');
  });
});

describe('rows of somebody else', () => {
  it('are read without the keys that are not known, which are named', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'incidents-'));
    const file = path.join(folder, 'rows.json');
    const { twin: _twin, ...row } = first;
    writeFileSync(file, JSON.stringify([{ ...row, weather: 'fine', device: { ...row.device, colour: 'green' } }]));
    expect(readForeignIncidents(file)).toEqual({ rows: [row], leftOut: ['device.colour', 'weather'] });
    rmSync(folder, { recursive: true });
  });
});

describe('the score', () => {
  it('takes unknown as right only where the facts do not decide', () => {
    expect(isRight('does not run', 'fail', null)).toBe(true);
    expect(isRight('does not run', 'unknown', null)).toBe(false);
    expect(isRight('does not run', 'unknown', 'the fabric')).toBe(true);
    expect(isRight('does not run', 'pass', 'the fabric')).toBe(false);
    expect(isRight('runs', 'pass', null)).toBe(true);
    expect(isRight('runs', 'unknown', 'the fabric')).toBe(false);
  });

  it('is reached by nobody without twins', () => {
    const alone = rows.map(({ twin: _twin, ...row }) => row);
    expect(reachesAim(judgeAll(alone, judgeByRules))).toBe(false);
  });

  it('takes marks and twins of rows of the same id from the repository', () => {
    const { twin: _twin, undecided: _mark, read: _read, ...bare } = rows.find(({ id }) => id === 's01') ?? first;
    const [completed] = completeRows([bare], rows);
    expect(completed).toEqual(rows.find(({ id }) => id === 's01'));
    expect(completeRows([{ ...bare, id: 'other' }], rows)).toEqual([{ ...bare, id: 'other' }]);
  });

  it('is printed by form and expectation', () => {
    const judged = judgeAll([first], baselines['always-fail'] ?? judgeByRules);
    expect(matrixRows(judged)).toEqual([
      ['does not run, as reported', '0', '0', '0', '1', '1 of 1'],
      ['runs, twin', '0', '0', '0', '1', '0 of 1'],
    ]);
  });
});

describe('a changed row', () => {
  it('holds the library of the changes in the place of the one with its path', () => {
    const library = {
      path: first.image.libs[0]?.path ?? '',
      cubins: [{ capability: '9.0', suffix: 'a' as const }],
      ptx: [],
    };
    const changed = changeIncident(first, { image: { libs: [library] } });
    expect(changed.image.libs[0]).toEqual(library);
    expect(changed.image.libs).toHaveLength(first.image.libs.length);
    expect(changeIncident(first, { image: { libs: [{ ...library, cubins: [] }] } }).image.libs).toHaveLength(
      first.image.libs.length - 1,
    );
  });

  it('becomes a pool of as many boards as the report names', () => {
    expect(factsOf({ ...first, device: { ...first.device, n: 8 } }).snapshot.nodes[0]?.devices).toHaveLength(8);
  });
});
