import { localOperator } from '../../core/access/requester.ts';
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeOperations } from '../../control-plane/operations/operations.ts';
import type { DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryBlobs, type MemoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { storedRows } from '../../prove/artifacts/stored-data.ts';
import { block, integer, linearModel, valueInfo, word } from '../../testing/builders/files/onnx-encoder.ts';
import type { Store } from '../../ports/records/store.ts';
import { nobodyWatches } from '../../control-plane/health/service-health.ts';

let folder = '';
let store: Store;
let blobs: MemoryBlobs;
let world: CommandLineWorld;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-registry-'));
  store = memoryStore();
  blobs = memoryBlobs();
  world = {
    project: makeMemoryProject({ contract: minimalContract }),
    store,
    blobs,
    operations: localOperations(),
    cwd: folder,
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function localOperations(): Operations {
  const unused = (): Promise<never> => Promise.reject(new Error('registration asks nothing of the watch'));
  return makeOperations({
    service: 'digits',
    store,
    blobs,
    clock: new FakeClock(),
    plimsollVersion: '0.0.0',
    by: 'tests',
    grants: localOperator,
    async withFence(environment, write) {
      const lease = `control-plane/digits/${environment}`;
      const held = await store.leases.acquire({ lease, holder: 'tests', ttlMs: 1_000, nowMs: 0 });
      if (held === null) throw new Error('the lease is held');
      return write(held);
    },
    changed: () => undefined,
    judging: testJudging(blobs),
    deciding: new Set(),
    facts: {
      owner: unused,
      evidence: unused,
      evidenceOf: unused,
      readiness: unused,
      replicas: unused,
      rejections: () => [],
      gateways: () => [],
      scaling: () => null,
      health: () => nobodyWatches,
      promises: async () => null,
      monitoring: async () => undefined,
    },
  });
}

const place = async (name: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), content);
};
const run = (...argv: readonly string[]) => runCommandLine(argv, world);
const json = async <T>(...argv: readonly string[]): Promise<T> => {
  const { exit, out, err } = await run(...argv, '--json');
  if (exit !== 0) throw new Error(`exit ${exit}: ${err}`);
  return JSON.parse(out) as T;
};
type AddedModel = { readonly version: ModelVersion; readonly created: boolean };
type AddedData = { readonly version: DataVersion; readonly created: boolean };

describe('plimsoll model add', () => {
  it('stores the file, records what the parser found and points the alias', async () => {
    await place('model.onnx', linearModel());
    await place('rows.jsonl', '{"x": [1, 2, 3, 4]}\n');
    await run('data', 'add', 'rows.jsonl', '--name', 'train');
    const argv = ['model', 'add', 'model.onnx', '--name', 'digits', '--alias', 'candidate'];
    const text = await run(...argv, '--trained-on', 'train', '--note', 'the first');
    expect(text).toMatchObject({ exit: 0, err: '' });
    expect(text.out).toMatch(/^added digits version 1 to default \(onnx, \d+B, sha256 [0-9a-f]{12}\)\n/);
    expect(text.out).toContain('inputs   x  FP32 [batch, 4]');
    expect(text.out).toContain('candidate of digits: none -> version 1');
    const [version] = await store.modelVersions('default', 'digits');
    expect(version).toMatchObject({
      format: 'onnx',
      signature: { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }] },
      facts: { irVersion: 8, opsets: { 'ai.onnx': 17 }, parameters: 12, weightsBytes: 48 },
      lineage: { trainedOn: { data: 'train:1' }, source: 'model.onnx', note: 'the first' },
      createdBy: 'tests',
    });
    const [file] = version!.files;
    expect(Buffer.from(await blobs.read(file!.digest))).toEqual(await readFile(path.join(folder, 'model.onnx')));
    expect(await store.aliasHistory('default', 'digits')).toMatchObject([{ to: 1, reason: 'the first', by: 'tests' }]);
    expect((await store.events({})).map(({ kind }) => kind)).toEqual([
      'artifact.claimed',
      'data.added',
      'artifact.claimed',
      'model.added',
      'alias.moved',
    ]);
  });

  it('knows files that it has already', async () => {
    await place('model.onnx', linearModel());
    await place('copy/model.onnx', linearModel());
    await json('model', 'add', 'model.onnx', '--name', 'digits');
    const again = await json<AddedModel>('model', 'add', 'copy', '--name', 'digits');
    expect(again).toMatchObject({ created: false, version: { version: 1 } });
  });

  it('stores a folder with what belongs to it, links followed, hidden names left out', async () => {
    await place('cache/blob', linearModel());
    await place('export/tokenizer/vocab.txt', 'a b c');
    await place('export/.git/config', 'x');
    await symlink(path.join(folder, 'cache/blob'), path.join(folder, 'export/model.onnx'));
    const { version } = await json<AddedModel>('model', 'add', 'export', '--name', 'ranker');
    expect(version.files.map((file) => file.path)).toEqual(['model.onnx', 'tokenizer/vocab.txt']);
  });

  it('asks for weights that the model keeps in other files', async () => {
    const entry = (key: string, value: string) => block(13, word(1, key), word(2, value));
    const outside = block(
      5,
      integer(1, 8),
      integer(2, 1),
      word(8, 'w'),
      entry('location', 'weights.bin'),
      entry('length', '32'),
      integer(14, 1),
    );
    await place('m/model.onnx', linearModel({ graph: [outside] }));
    const add = (what: string) => run('model', 'add', what, '--name', 'm');
    expect((await add('m/model.onnx')).err).toContain(
      'keeps weights in weights.bin, which is not part of a single file',
    );
    expect((await add('m')).err).toContain('keeps weights in weights.bin, which is not in its folder');
    await place('m/weights.bin', new Uint8Array(31));
    expect((await add('m')).err).toContain('weights.bin has 31 bytes, and m/model.onnx refers to 32 of it');
    await place('m/weights.bin', new Uint8Array(32));
    expect(await add('m')).toMatchObject({ exit: 0 });
  });

  it.each<[string, readonly string[], RegExp]>([
    ['a missing file', ['modle.onnx'], /there is no modle.onnx; did you mean model.onnx\?/],
    ['an empty file', ['empty.onnx'], /empty.onnx is empty/],
    ['a folder without a model', ['docs'], /the folder docs holds no model: .*\(it has README.md\)/],
    ['an empty folder', ['nothing'], /the folder nothing holds no model: .*it is empty/],
    ['a folder of several models', ['two'], /two holds several models: a.onnx, b.onnx/],
    ['what is no model by its name', ['docs/README.md'], /does not look like a model/],
    ['what is no ONNX inside', ['text.onnx'], /^plimsoll: text.onnx: this is not an ONNX model/],
    ['a model that is cut off', ['cut.onnx'], /^plimsoll: cut.onnx: the ONNX model is cut off/],
    ['an unknown data version', ['model.onnx', '--trained-on', 'nope:1'], /there is no data `nope` in default/],
    ['an alias that is none', ['model.onnx', '--alias', '2'], /`2` cannot be an alias/],
  ])('refuses %s, and stores nothing', async (_what, args, message) => {
    const whole = linearModel();
    await place('model.onnx', whole);
    await place('empty.onnx', '');
    await place('docs/README.md', '# read me');
    await mkdir(path.join(folder, 'nothing'));
    await place('two/a.onnx', whole);
    await place('two/b.onnx', whole);
    await place('text.onnx', 'hello world');
    await place('cut.onnx', whole.slice(0, -20));
    const { exit, err, out } = await run('model', 'add', ...args, '--name', 'digits');
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toMatch(message);
    expect(await store.modelNames('default')).toEqual([]);
    expect(await blobs.list()[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  it.each(['..', 'a b', '', '../x', 'a'.repeat(129)])('refuses the name `%s`', async (name) => {
    await place('model.onnx', linearModel());
    const { exit, err } = await run('model', 'add', 'model.onnx', '--name', name);
    expect({ exit, refused: err.includes('cannot be the name of a model') }).toEqual({ exit: 2, refused: true });
  });

  it('records nothing of a file that is written to meanwhile', async () => {
    await place('model.onnx', linearModel());
    const put = blobs.put.bind(blobs);
    world = {
      ...world,
      blobs: {
        ...blobs,
        async put(bytes, options) {
          await truncate(path.join(folder, 'model.onnx'), 100);
          return put(bytes, options);
        },
      },
    };
    const { exit, err } = await run('model', 'add', 'model.onnx', '--name', 'digits');
    expect(exit).toBe(1);
    expect(err).toContain('model.onnx was written to while it was being added');
    expect(await store.modelNames('default')).toEqual([]);
  });
});

it('plimsoll model add says that the version is stored when somebody else moved the alias meanwhile', async () => {
  await place('model.onnx', linearModel());
  const moved = new PlimsollError({ code: 'alias-moved', category: 'conflict', message: 'it is elsewhere' });
  world = { ...world, operations: { ...localOperations(), moveAlias: () => Promise.reject(moved) } };
  const { exit, err } = await run('model', 'add', 'model.onnx', '--name', 'digits', '--alias', 'candidate');
  expect(exit).toBe(1);
  expect(err).toContain(
    'digits version 1 is stored, and its alias was moved by somebody else meanwhile: it is elsewhere',
  );
  expect(err).toContain('next: plimsoll model alias digits candidate 1 --reason TEXT');
});

describe('plimsoll model list, show and alias', () => {
  beforeEach(async () => {
    await place('one.onnx', linearModel());
    await place('two.onnx', linearModel({ graph: [valueInfo(12, 'z', 1, ['batch', 2])] }));
    await place('three.onnx', linearModel({ graph: [valueInfo(11, 'mask', 9, ['batch'])] }));
    for (const name of ['one', 'two', 'three']) await json('model', 'add', `${name}.onnx`, '--name', 'digits');
  });

  it('move an alias with its reason, keep the history, and warn when callers would break', async () => {
    const alias = (...args: readonly string[]) => run('model', 'alias', 'digits', ...args);
    expect((await alias('candidate', '2', '--reason', 'better')).out).toBe('candidate of digits: none -> version 2\n');
    const broken = await alias('candidate', '3', '--reason', 'try');
    expect(broken.out).toContain('candidate of digits: version 2 -> version 3');
    expect(broken.out).toContain('callers of version 2 could not go on with it');
    expect(broken.out).toContain('  the input mask is new, and no caller sends it');
    await alias('stable', 'candidate', '--reason', 'by alias');
    expect((await alias('stable', '3', '--reason', 'again')).out).toBe('stable of digits is at version 3 already\n');
    await alias('candidate', 'none', '--reason', 'enough');
    expect(await store.aliases('default', 'digits')).toEqual({ stable: 3 });
    const shown = await run('model', 'show', 'digits:stable');
    expect(shown.out).toMatch(/^digits version 3 of 3 in default\n/);
    expect(shown.out).toMatch(/candidate {2}3 -> none {2}tests {2}enough/);
    const list = await run('model', 'list');
    expect(list.out.split('\n')[3]).toMatch(/^digits {2}3 .* stable$/);
  });

  it('name the owner, and whom it shares the model with', async () => {
    const nobody = await run('model', 'share', 'digits', '--with', 'Chat!');
    expect([nobody.exit, nobody.err]).toEqual([2, expect.stringContaining('--with Chat! is no name of a service')]);
    const shared = await json('model', 'share', 'digits', '--with', 'chat');
    expect(shared).toMatchObject({ owners: ['digits'], sharedWith: ['chat'] });
    const owner = 'digits (shared with chat)';
    expect((await run('model', 'list')).out).toContain(` ${owner}`);
    expect((await run('model', 'show', 'digits:1')).out).toMatch(/\n {2}owner +digits \(shared with chat\)\n/);
    expect(await json('model', 'list')).toMatchObject({ models: [{ owners: ['digits'], sharedWith: ['chat'] }] });
    const stopped = await run('model', 'share', 'digits', '--with', 'chat', '--stop');
    expect(stopped.out).toBe('model digits of default belongs to digits\n');
  });

  it('refuse what another service owns, with the owner and the way on', async () => {
    const held = await store.leases.acquire({
      ...{ lease: 'control-plane/digits/default', holder: 'tests', ttlMs: 1_000, nowMs: 0 },
    });
    await store.transaction(held!, async (tx) => {
      const model = { environment: 'default', kind: 'model', name: 'digits' } as const;
      await tx.removeArtifactClaim(model, 'digits');
      await tx.setArtifactClaim({ ...model, service: 'chat', standing: 'owner', by: 'ada', atMs: 1 });
    });
    const refused = await run('model', 'alias', 'digits', 'candidate', '1', '--reason', 'r');
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('model digits of default belongs to chat, and not to digits');
    expect(refused.err).toContain('plimsoll model share digits --with digits');
  });

  it('say what there is when a reference means nothing', async () => {
    expect((await run('model', 'show', 'digit')).err).toContain(
      'there is no model `digit` in default; did you mean `digits`?',
    );
    expect((await run('model', 'show', 'digits:9')).err).toContain('has no `9` in default; it has 1, 2, 3');
    expect(await run('model', 'alias', 'digits', 'candidate', '9', '--reason', 'x')).toMatchObject({ exit: 2 });
    expect(await run('model', 'alias', 'digits', 'candidate', '1')).toMatchObject({ exit: 2 });
  });

  it('print the whole version as JSON', async () => {
    const shown = await json<{ version: ModelVersion; aliases: object }>('model', 'show', 'digits:2');
    expect(shown.version).toEqual(await store.modelVersion('default', 'digits', 2));
  });
});

describe('plimsoll model verify', () => {
  it('reads every file again and exits 1 with both digests when a bit changed', async () => {
    await place('one.onnx', linearModel());
    await place('two.onnx', linearModel({ width: 8 }));
    await json('model', 'add', 'one.onnx', '--name', 'digits');
    const { version } = await json<AddedModel>('model', 'add', 'two.onnx', '--name', 'digits');
    expect(await run('model', 'verify')).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^2 files of 2 versions read again, \d+B: all sound\n$/),
    });
    const digest = version.files[0]?.digest as Digest;
    blobs.flipBit(digest);
    const bad = await run('model', 'verify', 'digits');
    const found = await blobs.verify(digest);
    expect(bad.exit).toBe(1);
    expect(bad.out).toContain('2 files of 2 versions read again');
    expect(bad.out).toContain(
      `digits version 2, two.onnx: corrupt\n  recorded  ${digest}\n  found     ${found.ok ? '' : found.actual}`,
    );
    expect(await run('model', 'verify', 'digits:1')).toMatchObject({ exit: 0 });
    blobs.lose(digest);
    expect((await run('model', 'verify')).out).toContain('two.onnx: missing');
    await json('model', 'add', 'two.onnx', '--name', 'digits');
    expect(await run('model', 'verify')).toMatchObject({ exit: 0 });
  });

  it('does not call nothing a pass', async () => {
    expect(await run('model', 'verify')).toMatchObject({ exit: 3 });
  });
});

describe('plimsoll data', () => {
  it('adds rows by their content, whatever the container', async () => {
    await place('rows.jsonl', '{"image": [0, 0.5], "label": 3}\n{"image": [1, 1], "label": 0}\n');
    await place('rows.csv', 'label,image\n3,"[0, 0.5]"\n0,"[1, 1]"\n');
    const first = await json<AddedData>('data', 'add', 'rows.jsonl', '--name', 'digits-train');
    expect(first.version).toMatchObject({
      version: 1,
      rows: 2,
      columns: [
        { name: 'image', type: 'number[2]' },
        { name: 'label', type: 'integer' },
      ],
      files: [{ path: 'rows.jsonl', bytes: 62 }],
      source: 'rows.jsonl',
    });
    const same = await json<AddedData>('data', 'add', 'rows.csv', '--name', 'digits-train');
    expect(same).toMatchObject({ created: false, version: { version: 1 } });
    await place('rows.jsonl', '{"image": [0, 0.5], "label": 4}\n');
    expect((await json<AddedData>('data', 'add', 'rows.jsonl', '--name', 'digits-train')).version.version).toBe(2);
    expect((await run('data', 'list')).out).toMatch(/^NAME .*\ndigits-train {2}1 .*\ndigits-train {2}2 /);
    await run('data', 'share', 'digits-train', '--with', 'chat');
    const { owners } = await json<{ owners: unknown }>('data', 'list');
    expect(owners).toEqual([{ name: 'digits-train', owners: ['digits'], sharedWith: ['chat'] }]);
    const shown = await run('data', 'show', 'digits-train:1');
    expect(shown.out).toMatch(/^digits-train version 1 of 2 in default\n/);
    expect(shown.out).toMatch(/columns {2}image {7}number\[2\]/);
  });

  it.each([
    ['bad.jsonl', '{"a": 1}\n{"a": }\n', /bad.jsonl: line 2, column 7: not JSON: expected a value/],
    ['bad.csv', 'a,b\n1\n', /bad.csv: line 2, column 1: 1 cells, and the header names 2 columns/],
    ['header.csv', 'a,b\n', /header.csv has no rows/],
    ['blank.jsonl', '\n\n', /blank.jsonl has no rows/],
    ['empty.jsonl', '', /empty.jsonl is empty/],
    ['rows.parquet', 'PAR1', /rows.parquet is no Parquet file/],
    ['rows.xlsx', 'PK', /rows.xlsx is neither JSON lines/],
  ])('refuses %s', async (name, content, message) => {
    await place(name, content);
    const { exit, err } = await run('data', 'add', name, '--name', 'd');
    expect(exit).toBe(2);
    expect(err).toMatch(message);
    expect(await store.dataNames('default')).toEqual([]);
  });

  it('says what there is when a reference means nothing', async () => {
    expect((await run('data', 'show', 'digits')).err).toContain('next: plimsoll data add FILE --name digits');
    expect(await run('data', 'list')).toMatchObject({ exit: 0, out: expect.stringContaining('no data in default') });
  });
});

describe('what moved, and where it came from', () => {
  it('profiles data as it is added, and diffs two versions', async () => {
    const rows = (shift: number) =>
      Array.from({ length: 50 }, (_, at) => JSON.stringify({ x: at + shift, label: at % 2 === 0 ? 'a' : 'b' })).join(
        '\n',
      );
    await place('one.jsonl', rows(0));
    await place('two.jsonl', rows(25));
    await run('data', 'add', 'one.jsonl', '--name', 'd');
    await run('data', 'add', 'two.jsonl', '--name', 'd');
    const shown = await run('data', 'show', 'd:1');
    expect(shown.out).toMatch(/x +0 +50 +0 +24 +24.5 +49/);
    expect(shown.out).toContain('"a" 25, "b" 25');
    const diff = await run('data', 'diff', 'd:1', 'd:2');
    expect(diff.out).toMatch(/x +#{10}\.{10} +0.500 +25 /);
    expect(diff.out).toMatch(/label +\.{20} +- +- +0.000 +0.000/);
    expect((await run('data', 'diff', 'd:1', 'd:2', '--format', 'markdown')).out).toContain('| --- | --- |');
    expect(await run('data', 'diff', 'd:1', 'd:7')).toMatchObject({ exit: 2 });
  });

  it('adds a folder, each file a row, and refuses an empty one', async () => {
    await place('images/cat/1.png', 'meow');
    await place('images/dog/2.png', 'woof');
    await place('images/rows.csv', 'a,b\n');
    const { version } = await json<AddedData>('data', 'add', 'images', '--name', 'pets');
    expect(version).toMatchObject({ rows: 3, files: [{ path: 'folder.jsonl' }, { path: 'files/cat/1.png' }, {}, {}] });
    expect(version.columns).toEqual([
      { name: 'bytes', type: 'integer' },
      { name: 'class', type: 'text?' },
      { name: 'digest', type: 'text' },
      { name: 'path', type: 'text' },
    ]);
    await mkdir(path.join(folder, 'void'));
    expect((await run('data', 'add', 'void', '--name', 'v')).err).toContain('the folder void holds no files');
  });

  it('adds arrays side by side under the names that are given', async () => {
    const idx = (axes: readonly number[], values: readonly number[]) =>
      new Uint8Array([0, 0, 8, axes.length, ...axes.flatMap((size) => [0, 0, 0, size]), ...values]);
    await place('train-images-idx3-ubyte', idx([2, 1, 2], [1, 2, 3, 4]));
    await place('train-labels-idx1-ubyte', idx([2], [7, 9]));
    const files = ['image=train-images-idx3-ubyte', 'label=train-labels-idx1-ubyte'];
    const { version } = await json<AddedData>('data', 'add', ...files, '--name', 'mnist');
    expect(version.columns).toEqual([
      { name: 'image', type: 'integer[1,2]' },
      { name: 'label', type: 'integer' },
    ]);
    const read = [];
    for await (const { row } of storedRows(version, blobs, new AbortController().signal)) read.push(row);
    expect(read).toEqual([
      { image: [[1, 2]], label: 7 },
      { image: [[3, 4]], label: 9 },
    ]);
    await place('rows.csv', 'a\n1\n');
    expect((await run('data', 'add', 'rows.csv', files[1]!, '--name', 'x')).err).toContain('holds whole rows');
  });

  it('diffs models and prints their lineage', async () => {
    await place('one.onnx', linearModel());
    await place('two.onnx', linearModel({ width: 8 }));
    await json('model', 'add', 'one.onnx', '--name', 'digits', '--alias', 'stable');
    await json('model', 'add', 'two.onnx', '--name', 'digits', '--parent', '1');
    const diff = await run('model', 'diff', 'digits@stable', 'digits:2');
    expect(diff.exit).toBe(0);
    expect(diff.out).toMatch(/callers: fail +the input x was FP32 \[-1,4\] and is FP32 \[-1,8\]/);
    expect(diff.out).toMatch(/parent +none -> 1/);
    const lineage = await run('model', 'lineage', 'digits:2');
    expect(lineage.out).toMatch(
      /^model digits:1 .*\[stable\] from one.onnx\nmodel digits:2 .*\n`- parent model digits:1/,
    );
    const graph = await json<{ edges: readonly unknown[] }>('model', 'lineage', 'digits');
    expect(graph.edges).toEqual([{ from: 'model:digits:2', to: 'model:digits:1', kind: 'parent' }]);
  });

  it('refuses to move an alias on evidence that the lock does not hold', async () => {
    await place('one.onnx', linearModel());
    await json('model', 'add', 'one.onnx', '--name', 'digits');
    const move = ['model', 'alias', 'digits', 'stable', '1', '--reason', 'r'];
    expect((await run(...move, '--evidence', 'golden')).err).toContain('holds no golden evidence of digits version 1');
    expect(await store.aliases('default', 'digits')).toEqual({});
    expect(await run(...move)).toMatchObject({ exit: 0 });
    expect((await store.aliasHistory('default', 'digits'))[0]).not.toHaveProperty('evidence');
  });
});
