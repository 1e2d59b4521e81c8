import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyLabelMemory } from '../../core/monitoring/labels/label-memory.ts';
import { beginLabels, takeMature } from '../../core/monitoring/labels/label-state.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';

let folder = '';
let source: StoreOperations;
let world: CommandLineWorld;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-labels-'));
  source = await openStoreOperations();
  world = {
    cwd: folder,
    project: makeMemoryProject({ contract: minimalContract }),
    operations: source.operationsFor('ada'),
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (line: string, more: Partial<CommandLineWorld> = {}) =>
  runCommandLine(['labels', ...line.split(' ')], { ...world, ...more });
const file = (name: string, text: string) => writeFile(path.join(folder, name), text);
const labelsOf = (...ids: readonly string[]) => source.store.labelsOf(testService, testEnvironment, ids);

describe('plimsoll labels add', () => {
  it('sends JSON lines and CSV, and says what became of them; the same again changes nothing', async () => {
    await file('a.jsonl', '{"requestId":"a","label":3}\n{"requestId":"b","right":false}\n');
    await file('b.csv', 'request,truth\nc,007\nd,7\n12,cat\n');
    expect(await run('add a.jsonl')).toMatchObject({ exit: 0, out: expect.stringMatching(/^2 labels: 2 recorded/) });
    expect((await run('add b.csv --id request --label truth')).exit).toBe(0);
    expect(await labelsOf('a', 'b', 'c', 'd', '12')).toEqual(
      expect.arrayContaining([
        { requestId: 'a', truth: { label: 3 } },
        { requestId: 'b', truth: { right: false } },
        { requestId: 'c', truth: { label: '007' } },
        { requestId: 'd', truth: { label: 7 } },
        { requestId: '12', truth: { label: 'cat' } },
      ]),
    );
    const again = await run('add a.jsonl --json');
    expect(JSON.parse(again.out)).toMatchObject({ labels: 2, tally: { recorded: 0, repeated: 2 } });
  });

  it('reads a pipe, and exits with 1 where a label contradicts one or is from the future', async () => {
    const lines = `{"requestId":"a","label":1}\n{"requestId":"a","label":2}\n{"requestId":"f","label":2,"atMs":${2 ** 52}}\n`;
    const { exit, out } = await run('add -', { stdin: async () => lines });
    expect(exit).toBe(1);
    expect(out).toContain('1 contradict an earlier label, which stands');
    expect(out).toMatch(/f: the label is from the future/);
    const csv = await run('add -', { stdin: async () => 'requestId,right\nz,true\n' });
    expect([csv.exit, await labelsOf('z')]).toEqual([0, [{ requestId: 'z', truth: { right: true } }]]);
  });

  it('streams many in batches, and says what is recorded when one fails', async () => {
    await file('many.csv', `requestId,label\n${Array.from({ length: 25_001 }, (_, at) => `r${at},1`).join('\n')}\n`);
    const sizes: number[] = [];
    const counting: Operations = {
      ...(world.operations as Operations),
      addLabels: async (request) => {
        sizes.push(request.labels.length);
        if (sizes.length === 3) throw new Error('the store is away');
        return { counted: 0, repeated: 0, ignored: 0, recorded: null };
      },
    };
    const { exit, err } = await run('add many.csv', { operations: counting });
    expect(sizes).toEqual([10_000, 10_000, 5_001]);
    expect(exit).not.toBe(0);
    expect(err).toContain('after 20,000 labels, which were taken');
    expect(err).toContain('run the same command again');
  });

  it('takes a pipe as it comes, and says which pipes it cannot take', async () => {
    const bom = await run('add -', { stdin: async () => '\uFEFF \n{"requestId":"ü","label":"é"}\n' });
    expect([bom.exit, await labelsOf('ü')]).toEqual([0, [{ requestId: 'ü', truth: { label: 'é' } }]]);
    expect((await run('add -', { stdin: async () => 'requestId,label\n' })).out).toContain('no label is there');
    expect(await run('add -', { stdin: async () => ' \n' })).toMatchObject({
      exit: 2,
      err: expect.stringContaining('the pipe is empty'),
    });
    expect(await run('add -', { stdin: async () => 'PAR1....' })).toMatchObject({
      exit: 2,
      err: expect.stringContaining('cannot be read from a pipe'),
    });
  });

  it.each([
    ['requestId,label\na,NaN\n', 'line 2: the label is NaN'],
    ['requestId,label\na,-Infinity\n', 'line 2: the label is -Infinity'],
    ['requestId,label,right\na,1,true\n', 'line 2: there is both a label in column label and true or false in right'],
    ['requestId,label,atMs\na,1,1\nb,1,tomorrow\n', 'line 3: column atMs holds "tomorrow"'],
    ['{"requestId":"a","label":1,"atMs":1.5}\n', 'line 1: column atMs holds 1.5'],
    ['{"requestId":"a\\u0000","label":1}\n', 'line 1: the request id has more than 200 characters, a NUL'],
    ['{"requestId":"\\ud800","label":1}\n', 'line 1: the request id has more than 200 characters, a NUL'],
    [`requestId,label\n${'x'.repeat(201)},1\n`, 'line 2: the request id has more than 200 characters'],
    [`requestId,label\na,${'x'.repeat(16_385)}\n`, 'line 2: the label has 16385 characters, and 16384 are the most'],
  ])('refuses %j by its line, and sends nothing', async (text, why) => {
    const { exit, err } = await run('add -', { stdin: async () => text });
    expect([exit, err]).toEqual([2, expect.stringContaining(why)]);
    expect(await labelsOf('a')).toEqual([]);
  });

  it('sends batches of bounded bytes, also where each character takes six', async () => {
    const label = '\\u0001'.repeat(16_000);
    await file(
      'wide.jsonl',
      Array.from({ length: 70 }, (_, at) => `{"requestId":"w${at}","label":"${label}"}\n`).join(''),
    );
    const sizes: number[] = [];
    const operations: Operations = {
      ...(world.operations as Operations),
      addLabels: async ({ labels }) => {
        sizes.push(Buffer.byteLength(JSON.stringify({ labels })));
        return { counted: 0, repeated: 0, ignored: 0, recorded: null };
      },
    };
    expect((await run('add wide.jsonl', { operations })).exit).toBe(0);
    expect(sizes).toHaveLength(3);
    expect(Math.max(...sizes)).toBeLessThan(3_100_000);
  });

  it('says where a row is wrong, and which columns there are', async () => {
    await file('bad.csv', 'id,truth\na,1\n');
    expect(await run('add bad.csv')).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/line 2: .*requestId.*id, truth/),
    });
    await file('none.jsonl', '{"requestId":"a","label":null}\n');
    expect(await run('add none.jsonl')).toMatchObject({ exit: 2, err: expect.stringContaining('--label COLUMN') });
    await file('odd.txt', 'a');
    expect(await run('add odd.txt')).toMatchObject({ exit: 2, err: expect.stringContaining('Parquet') });
    expect((await run('add a.jsonl --release one')).err).toContain('number of a release');
  });
});

describe('plimsoll labels status', () => {
  it('says why nothing is judged', async () => {
    const { exit, out } = await run('status');
    expect(exit).toBe(0);
    expect(out).toContain('the contract has no monitoring.labels');
  });

  it('shows completeness, delay and the live risk, and exits with 1 where the risk is above its limit', async () => {
    const scope = [testService, testEnvironment] as const;
    const planned = { metric: 'accuracy', worst: 1, evaluated: { low: 0.02, high: 0.04 }, limit: 0.05 };
    const state = beginLabels({
      ...{ releases: [1], withinMs: 600_000, cohortMs: 60_000 },
      metrics: [{ ...planned, noLimitBecause: null }],
      unknown: [{ metric: 'f1-macro', reason: 'f1-macro is no mean of one value for each row' }],
    });
    const rows = Array.from({ length: 3_000 }, (_, at) => ({
      ...{ seq: at + 1, requestId: `r${at}`, atMs: at * 1_000, release: 1, replicaId: null, confidence: null },
      ...{ prediction: 'cat', labelledAtMs: at * 1_000 + 5_000 },
      truth: at % 10 === 0 ? null : { label: at % 3 === 0 ? 'dog' : 'cat' },
    }));
    await source.write((tx) =>
      tx.setLabelMemory(...scope, { ...emptyLabelMemory, state: takeMature(state, rows, 1e15) }),
    );
    const { exit, out } = await run('status');
    expect(exit).toBe(1);
    expect(out).toMatch(/complete +90.0%/);
    expect(out).toMatch(/accuracy +fail: the live risk is between .* the limit is 0.05; evaluated: 0.02 to 0.04/);
    expect(out).toMatch(/f1-macro +unknown: f1-macro is no mean/);
    expect(out).toMatch(/delay +right answers: half within/);
    expect(JSON.parse((await run('status --json')).out)).toMatchObject({ report: { cohorts: 50 } });
  });
});
