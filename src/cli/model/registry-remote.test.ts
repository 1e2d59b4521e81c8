import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataVersion, ModelVersion } from '../../core/registry/model-version.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { runCommandLine, type CommandLineResult } from '../../testing/rigs/command-line.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { FakeModelRegistry } from '../../testing/fakes/fake-model-registry.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';
import { linearModel } from '../../testing/builders/files/onnx-encoder.ts';
import { openRepository } from '../../testing/fakes/servers/pushable-artifacts.ts';
import { PushableRegistry } from '../../testing/fakes/servers/pushable-registry.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';

type AddedModel = { readonly version: ModelVersion; readonly created: boolean };
type AddedData = { readonly version: DataVersion; readonly created: boolean };

let folder = '';
let registry: PushableRegistry;
/** Two machines with nothing in common but the registry. */
let here: StoreOperations;
let there: StoreOperations;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-remote-'));
  registry = await PushableRegistry.start();
  [here, there] = [await openStoreOperations(), await openStoreOperations()];
});
afterEach(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

const place = async (name: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), content);
};
const at = (tag: string): string => `oci://${registry.host}/team/digits${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
const run = (machine: StoreOperations, ...argv: readonly string[]): Promise<CommandLineResult> => {
  // Each command opens and closes its own, as the program does.
  const repository = openRepository(registry.host);
  return runCommandLine(argv, {
    project: makeMemoryProject({ contract: minimalContract }),
    store: machine.store,
    blobs: machine.blobs,
    operations: machine.operationsFor('tests'),
    cwd: folder,
    modelRegistry: repository,
    artifactRepository: repository,
  });
};
const json = async <T>(machine: StoreOperations, ...argv: readonly string[]): Promise<T> => {
  const { exit, out, err } = await run(machine, ...argv, '--json');
  if (exit !== 0) throw new Error(`exit ${exit}: ${err}`);
  return JSON.parse(out) as T;
};
/** Answers the blobs of these bytes with whatever a test says. */
const between = (bytes: Uint8Array, script: PushableRegistry['script']): void => {
  registry.script = (request, response) =>
    request.method === 'GET' && request.url?.endsWith(digestOfBytes(bytes)) === true && script(request, response);
};

describe('plimsoll data push and pull', () => {
  const rows = Buffer.from('{"image": [0, 0.5], "label": 3}\n{"image": [1, 1], "label": 0}\n');
  const push = async (): Promise<DataVersion> => {
    await place('rows.jsonl', rows);
    const { version } = await json<AddedData>(here, 'data', 'add', 'rows.jsonl', '--name', 'digits-train');
    expect(await run(here, 'data', 'push', 'digits-train', at('1'))).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^pushed digits-train version 1 to oci:.* \(manifest [0-9a-f]{12}\)\n$/),
    });
    return version;
  };

  it('bring the same rows to another machine: same digest, columns, profile and files', async () => {
    const pushed = await push();
    const pulled = await json<AddedData>(there, 'data', 'pull', at('1'), '--name', 'Train');
    const { digest, rows: count, columns, profile, files } = pushed;
    expect(pulled).toMatchObject({
      created: true,
      version: { name: 'Train', version: 1, digest, rows: count, columns, profile, files },
    });
    expect(pulled.version.source).toMatch(/^oci:.*\/team\/digits@sha256:[0-9a-f]{64}$/);
    expect(await run(there, 'data', 'show', 'Train')).toMatchObject({ exit: 0 });
    const again = await json<AddedData>(there, 'data', 'pull', at('1'), '--name', 'Train');
    expect(again).toMatchObject({ created: false, version: { version: 1 } });
    const asPushed = pulled.version.source!.split('@')[1]!;
    expect(await json<AddedData>(here, 'data', 'pull', at(asPushed), '--name', 'digits-train')).toMatchObject({
      created: false,
    });
  });

  it('bring a folder of files, and refuse one whose files were exchanged', async () => {
    await place('set/cats/a.txt', 'a cat');
    await place('set/dogs/b.csv', 'x,y\n1,2\n');
    const { version } = await json<AddedData>(here, 'data', 'add', 'set', '--name', 'pets');
    await json(here, 'data', 'push', 'pets', at('1'));
    const pulled = await json<AddedData>(there, 'data', 'pull', at('1'), '--name', 'pets');
    expect(pulled.version).toMatchObject({ digest: version.digest, rows: 2 });
    const other = Buffer.from('a dog');
    registry.blobs.set(digestOfBytes(other), other);
    const text = registry.manifests.get('1')!.bytes.toString('utf8');
    const bytes = Buffer.from(text.replaceAll(digestOfBytes(Buffer.from('a cat')), digestOfBytes(other)));
    registry.manifests.set('2', { type: registry.manifests.get('1')!.type, bytes });
    const { exit, err } = await run(there, 'data', 'pull', at('2'), '--name', 'pets');
    expect([exit, err]).toEqual([1, expect.stringContaining('its folder.jsonl tells of other files than the 2')]);
  });

  it('refuse rows that do not come to the digest that is stated', async () => {
    await push();
    const { type, bytes } = registry.manifests.get('1')!;
    const stated = bytes
      .toString('utf8')
      .replace(/("dev\.plimsoll\.digest":"sha256:)[0-9a-f]{64}/, `$1${'0'.repeat(64)}`);
    registry.manifests.set('2', { type, bytes: Buffer.from(stated) });
    const { exit, err } = await run(there, 'data', 'pull', at('2'), '--name', 'train');
    expect([exit, err]).toEqual([1, expect.stringMatching(/states the digest sha256:0{64}.*nothing was recorded/s)]);
    expect(await there.store.dataNames('default')).toEqual([]);
  });

  it('take data that others packed, which state nothing of it', async () => {
    await push();
    const { type, bytes } = registry.manifests.get('1')!;
    const { annotations: _, ...rest } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    registry.manifests.set('2', { type, bytes: Buffer.from(JSON.stringify(rest)) });
    expect(await json<AddedData>(there, 'data', 'pull', at('2'), '--name', 'train')).toMatchObject({ created: true });
  });

  it('refuse what is no data, and say what is', async () => {
    await place('model.onnx', linearModel());
    await json(here, 'model', 'add', 'model.onnx', '--name', 'digits');
    await json(here, 'model', 'push', 'digits', at('m'));
    await push();
    for (const [line, words] of [
      [['data', 'pull', at('m'), '--name', 'x'], /is a model, and no data[^]*next: plimsoll model pull oci:/],
      [['model', 'pull', at('1'), '--name', 'x'], /is data, and no model[^]*next: plimsoll data pull oci:/],
      [['data', 'pull', at('9'), '--name', 'x'], /no version `9`/],
      [['data', 'pull', 'rows.jsonl', '--name', 'x'], /is no place in an OCI registry/],
      [['data', 'pull', 's3://bucket/rows', '--name', 'x'], /is no place in an OCI registry/],
      [['model', 'pull', 'model.onnx', '--name', 'x'], /is no place in an OCI registry/],
      [['data', 'pull', at('1'), '--name', '../x'], /cannot be the name of a data version/],
      [['model', 'push', 'digits', 's3://bucket'], /names no prefix in a bucket/],
      [['model', 'push', 'digits', 's3://bucket/'], /names no prefix in a bucket/],
      [['data', 'push', 'nothing', at('1')], /there is no data `nothing`/],
      [['data', 'push', 'digits-train', 's3://bucket/x'], /is no place in an OCI registry/],
    ] as const) {
      const { exit, err } = await run(here, ...line);
      expect([line, exit, err]).toEqual([line, 2, expect.stringMatching(words)]);
    }
  });

  it('push nothing of a blob that is damaged here', async () => {
    await push();
    const blobs = here.blobs as unknown as { flipBit(digest: string): void };
    blobs.flipBit(digestOfBytes(rows));
    const before = registry.manifests.size;
    expect((await run(here, 'data', 'push', 'digits-train', at('2'))).exit).not.toBe(0);
    expect(registry.manifests.size).toBe(before);
  });
});

describe('plimsoll model push and pull', () => {
  it('bring the same version to another machine, with the options of add', async () => {
    await place('model.onnx', linearModel());
    const { version } = await json<AddedModel>(here, 'model', 'add', 'model.onnx', '--name', 'Llama-3.1-8B');
    await json(here, 'model', 'push', 'Llama-3.1-8B:1', at('1'));
    const options = ['--name', 'Llama-3.1-8B', '--alias', 'candidate', '--note', 'from the other machine'];
    const pulled = await json<AddedModel>(there, 'model', 'pull', at('1'), ...options);
    expect(pulled).toMatchObject({ created: true, alias: { alias: 'candidate', to: 1 } });
    expect(pulled.version).toMatchObject({
      digest: version.digest,
      files: version.files,
      signature: version.signature,
      lineage: { note: 'from the other machine', source: expect.stringMatching(/@sha256:[0-9a-f]{64}$/) },
    });
  });

  it('attach the evidence of the lock, which evidence reads back', async () => {
    const world = await ReleaseWorld.open();
    const open = () => void (world.artifactRepository = openRepository(registry.host));
    try {
      await world.run('pin');
      await world.run('golden', 'record');
      open();
      const pushed = await world.run('model', 'push', 'digits:1', at('1'));
      expect([pushed.exit, pushed.out]).toEqual([0, expect.stringContaining('evidence attached: golden\n')]);
      open();
      const { out } = await world.run('model', 'evidence', at('1'), '--json');
      const locked = (await world.project.lock())?.environments['default']?.evidence.golden;
      expect((JSON.parse(out) as { evidence: unknown[] }).evidence).toEqual([JSON.parse(JSON.stringify(locked))]);
      open();
      expect((await world.run('model', 'evidence', at('1'))).out).toMatch(/golden {2}measured 2023-11-14T.* by tests/);
      // Pushed again, it is the same evidence; another version has none of it.
      open();
      await world.run('model', 'push', 'digits:1', at('1'));
      open();
      expect((await world.run('model', 'evidence', at('1'))).out.match(/golden/g)).toHaveLength(1);
      await world.addModel();
      open();
      expect((await world.run('model', 'push', 'digits:2', at('2'))).out).toContain('no evidence attached');
    } finally {
      await world.close();
    }
  });
});

describe('a download that goes wrong', () => {
  const model = linearModel();
  beforeEach(async () => {
    await place('model.onnx', model);
    await json(here, 'model', 'add', 'model.onnx', '--name', 'digits');
    await json(here, 'model', 'push', 'digits', at('1'));
  });

  it('because the server was killed midway records nothing, and is whole the next time', async () => {
    between(model, (request, response) => {
      response.writeHead(200, { 'content-length': model.length });
      response.write(model.subarray(0, 20), () => setImmediate(() => request.socket.destroy()));
      registry.script = (later) => (later.socket.destroy(), true);
      return true;
    });
    const { exit, err } = await run(there, 'model', 'pull', at('1'), '--name', 'digits');
    expect([exit, err]).toEqual([3, expect.stringMatching(/out of reach.*cut the connection/s)]);
    expect(await there.store.modelNames('default')).toEqual([]);
    registry.script = () => false;
    expect(await json<AddedModel>(there, 'model', 'pull', at('1'), '--name', 'digits')).toMatchObject({
      created: true,
    });
  });

  it('because the bytes are not those of the digest records nothing', async () => {
    registry.blobs.set(digestOfBytes(model), Buffer.alloc(model.length, 7));
    const { exit, err } = await run(there, 'model', 'pull', at('1'), '--name', 'digits');
    expect([exit, err]).toEqual([2, expect.stringContaining(digestOfBytes(model))]);
    expect(await there.store.modelNames('default')).toEqual([]);
  });

  it('is of one version alone though an alias moves while it is read', async () => {
    const mlflow = new FakeModelRegistry();
    const one = { MLmodel: Buffer.from('one'), 'model.onnx': model };
    const two = { MLmodel: Buffer.from('two'), 'model.onnx': linearModel({ width: 8 }) };
    for (const files of [one, two]) mlflow.add('Digits', files);
    mlflow.point('Digits', 'champion', '1');
    mlflow.beforeRead = () => mlflow.point('Digits', 'champion', '2');
    const result = await runCommandLine(
      ['model', 'add', 'mlflow://fake.example:5000/Digits@champion', '--name', 'digits', '--json'],
      {
        project: makeMemoryProject({ contract: minimalContract }),
        ...{ store: there.store, blobs: there.blobs, operations: there.operationsFor('tests'), modelRegistry: mlflow },
      },
    );
    const { version } = JSON.parse(result.out) as AddedModel;
    expect(version.files.map(({ digest }) => digest)).toEqual(Object.values(one).map((bytes) => digestOfBytes(bytes)));
    expect(version.lineage.source).toMatch(/Digits\/1$/);
  });
});

describe('two who move one alias at once', () => {
  it('have one winner, and the other is told where it went', async () => {
    for (const width of [4, 8, 16]) {
      await place('model.onnx', linearModel({ width }));
      await json(here, 'model', 'add', 'model.onnx', '--name', 'digits');
    }
    await json(here, 'model', 'alias', 'digits', 'candidate', '1', '--reason', 'first');
    // Both have read where the alias is before either moves it.
    const both = Promise.withResolvers<undefined>();
    let reading = 0;
    const aliases: typeof here.store.aliases = async (environment, name) => {
      const found = await here.store.aliases(environment, name);
      if ((reading += 1) >= 4) both.resolve(undefined);
      if (reading > 2) await both.promise;
      return found;
    };
    const move = (version: string, by: string) =>
      runCommandLine(['model', 'alias', 'digits', 'candidate', version, '--reason', `by ${by}`], {
        project: makeMemoryProject({ contract: minimalContract }),
        store: { ...here.store, aliases },
        ...{ blobs: here.blobs, operations: here.operationsFor(by) },
      });
    const results = await Promise.all([move('2', 'ann'), move('3', 'bob')]);
    const won = results.filter(({ exit }) => exit === 0);
    const lost = results.filter(({ exit }) => exit !== 0);
    expect([won.length, lost.length]).toEqual([1, 1]);
    const to = won[0]?.out.includes('version 2') === true ? 2 : 3;
    expect(lost[0]).toMatchObject({ exit: 1, err: expect.stringMatching(/candidate/) });
    expect(lost[0]?.err).toContain(String(to));
    expect(await here.store.aliases('default', 'digits')).toEqual({ candidate: to });
    expect(await here.store.aliasHistory('default', 'digits')).toHaveLength(2);
  });
});
