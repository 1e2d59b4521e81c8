import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linearModel } from '../../src/testing/builders/files/onnx-encoder.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import { missingPrograms, RealRegistry } from './oci-registry.ts';
import { MlflowServer } from './registries/mlflow-server.ts';
import { findPythonServers } from './registries/servers.ts';

const found = findPythonServers();
if (found.kind === 'missing') console.warn(`skipped: ${found.why}`);
const bin = found.kind === 'installed' ? found.bin : '';

/** The commands as a person runs them, against servers that are not ours. */
describe.skipIf(found.kind === 'missing' || missingPrograms.length > 0)('models that live elsewhere', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-elsewhere-'));
  let mlflow: MlflowServer;
  let oci: RealRegistry;
  const plimsoll = (...args: readonly string[]) =>
    new Promise<{ exit: number | null; out: string; err: string }>((resolve) => {
      const child = spawn(process.execPath, [ownProgram, ...args], {
        cwd: folder,
        env: { ...process.env, MLFLOW_TRACKING_URI: mlflow.origin },
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (piece) => (out += String(piece)));
      child.stderr.on('data', (piece) => (err += String(piece)));
      child.on('close', (exit) => resolve({ exit, out, err }));
    });
  const aliasThere = async (): Promise<unknown> => {
    const answer = await fetch(`${mlflow.origin}/api/2.0/mlflow/registered-models/get?name=Digits`);
    const { registered_model: model } = (await answer.json()) as {
      registered_model: { aliases?: { alias: string; version: string }[] };
    };
    return model.aliases?.find(({ alias }) => alias === 'champion')?.version ?? null;
  };

  beforeAll(async () => {
    writeFileSync(
      path.join(folder, 'plimsoll.yaml'),
      'apiVersion: plimsoll.dev/v1\nservice: digits\ncode: { command: [serve] }\nmodel: { name: digits, version: candidate }\n',
    );
    [mlflow, oci] = await Promise.all([
      MlflowServer.start(bin, folder),
      RealRegistry.start(path.join(folder, 'oci'), { auth: false }),
    ]);
    const model = linearModel();
    await mlflow.seed('Digits', { MLmodel: Buffer.from('flavors: {onnx: {}}\n'), 'model.onnx': model });
    await mlflow.seed('Digits', { MLmodel: Buffer.from('flavors: {onnx: {}} # 2\n'), 'model.onnx': model });
    await mlflow.post('registered-models/alias', { name: 'Digits', alias: 'champion', version: '1' });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([mlflow.stop(), oci.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('adds what an alias of MLflow means, once', async () => {
    const first = await plimsoll('model', 'add', 'mlflow:Digits@champion', '--name', 'digits', '--json');
    expect([first.exit, first.err]).toEqual([0, '']);
    const { version, created } = JSON.parse(first.out) as { version: Record<string, unknown>; created: boolean };
    expect([created, version['version'], version['format']]).toEqual([true, 1, 'onnx']);
    expect((version['lineage'] as { source: string }).source).toBe(
      `${mlflow.origin.replace('http', 'mlflow')}/Digits/1`,
    );
    const again = await plimsoll('model', 'add', 'mlflow:Digits:1', '--name', 'digits', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ created: false });
  });

  it('refuses pickles by name and by content, unless they are wanted', async () => {
    await mlflow.seed('Forest', { MLmodel: Buffer.from('x'), 'model.pkl': Buffer.from('\x80\x04}\x94.', 'latin1') });
    await mlflow.seed('Hidden', { 'model.onnx': linearModel(), 'extra.dat': Buffer.from('\x80\x04}\x94.', 'latin1') });
    for (const name of ['Forest', 'Hidden']) {
      const refused = await plimsoll('model', 'add', `mlflow:${name}`, '--name', 'forest');
      expect([refused.exit, refused.err]).toEqual([1, expect.stringMatching(/pickle.*runs whatever program/s)]);
    }
    const allowed = await plimsoll('model', 'add', 'mlflow:Forest', '--name', 'forest', '--allow-pickle', '--json');
    expect(JSON.parse(allowed.out)).toMatchObject({ version: { lineage: { allowedPickle: ['model.pkl'] } } });
  });

  it('says what is not there', async () => {
    for (const [source, words] of [
      ['mlflow:Digits@nobody', /has no version `@nobody`/],
      ['mlflow:Digits:77', /has no version `77`/],
      ['mlflow:Nothing', /has no model `Nothing`/],
      ['mlflow:', /names no model/],
    ] as const) {
      const { exit, err } = await plimsoll('model', 'add', source, '--name', 'digits');
      expect([exit, err]).toEqual([2, expect.stringMatching(words)]);
    }
  });

  it('follows versions and aliases, and writes its own moves back, through an outage of MLflow', async () => {
    const watch = () =>
      plimsoll('model', 'watch', 'mlflow:Digits', '--name', 'digits', '--alias', 'champion', '--once');
    const seen = await watch();
    expect([seen.exit, seen.out]).toEqual([0, expect.stringMatching(/champion of digits: none -> 1/)]);
    expect((await watch()).out).toBe('nothing new\n');
    const moved = await plimsoll('model', 'alias', 'digits', 'champion', '2', '--reason', 'better');
    expect(moved.out).toMatch(/written back: champion of Digits/);
    expect(await aliasThere()).toBe('2');
    expect((await watch()).out).toBe('nothing new\n');

    await mlflow.post('registered-models/alias', { name: 'Digits', alias: 'champion', version: '1' });
    expect((await watch()).out).toMatch(/champion of digits: 2 -> 1/);

    const port = Number(new URL(mlflow.origin).port);
    await mlflow.stop();
    const alone = await plimsoll('model', 'alias', 'digits', 'champion', '2', '--reason', 'while it is down');
    expect([alone.exit, alone.out]).toEqual([
      0,
      expect.stringMatching(/1 -> version 2[^]*warning: the move is recorded here/),
    ]);
    expect((await watch()).exit).toBe(3);
    mlflow = await MlflowServer.start(bin, folder, port);
    expect(await aliasThere()).toBe('1');
    expect((await watch()).out).toMatch(/written back/);
    expect(await aliasThere()).toBe('2');
    expect((await watch()).out).toBe('nothing new\n');
  }, 180_000);

  it('pushes to OCI and takes it back as the same version', async () => {
    const target = `oci://${oci.host}/team/digits:1`;
    const pushed = await plimsoll('model', 'push', 'digits:1', target, '--json');
    expect([pushed.exit, pushed.err]).toEqual([0, '']);
    const { digest } = JSON.parse(pushed.out) as { digest: string };
    const pulled = await plimsoll(
      'model',
      'add',
      `oci://${oci.host}/team/digits@${digest}`,
      '--name',
      'digits',
      '--json',
    );
    expect(JSON.parse(pulled.out)).toMatchObject({ created: false, version: { version: 1 } });
    expect((await plimsoll('model', 'evidence', target)).out).toMatch(/no evidence is attached/);
  });
});
