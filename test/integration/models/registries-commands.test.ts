/** Models that live in registries that are not ours: what the adapter of MLflow, the commands and cold starts make of them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMlflowRegistry } from '../../../src/adapters/mlflow/mlflow-registry.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { ColdStartReport } from '../../../src/cli/coldstart/coldstart-report.ts';
import { linearModel } from '../../../src/testing/builders/files/onnx-encoder.ts';
import { perceptronModel } from '../../../src/testing/builders/files/onnx-models.ts';
import { modelRegistryContract } from '../../../src/testing/contracts/model-registry-contract.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';
import { MlflowServer } from '../../peers/registries/mlflow-server.ts';
import { RunningServer } from '../../peers/registries/running-server.ts';
import { findPythonServers } from '../../peers/registries/servers.ts';
import { UserProject } from '../../user-project.ts';

const found = findPythonServers();
if (found.kind === 'missing') console.warn(`skipped: ${found.why}`);
const bin = found.kind === 'installed' ? found.bin : '';
const coldStartContract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: candidate }
coldStart: { p50: 20s, from: fresh-node }
`;
const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

// One MLflow for all of them: its start takes longer than most of these tests.
describe.skipIf(found.kind === 'missing')('models that live elsewhere', { timeout: 600_000 }, () => {
  const hasImages = missingPrograms.length === 0;
  let folder: string;
  let mlflow: MlflowServer;
  let oci: RealRegistry | undefined;
  let s3: RunningServer;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-elsewhere-'));
    [mlflow, oci, s3] = await Promise.all([
      MlflowServer.start(bin, folder),
      hasImages ? RealRegistry.start(path.join(folder, 'oci'), { auth: false }) : undefined,
      RunningServer.start(path.join(bin, 'moto_server'), (port) => ['-H', '127.0.0.1', '-p', String(port)], {
        readyPath: '/moto-api/',
      }),
    ]);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([mlflow?.stop(), oci?.stop(), s3?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  modelRegistryContract('MLflow', () => {
    const registry = makeMlflowRegistry({
      base: new URL(mlflow.origin),
      location: mlflow.origin.replace('http', 'mlflow'),
      env: {},
      clock: systemClock,
      openPlace: () => Promise.resolve(null),
    });
    return Promise.resolve({
      registry,
      name: 'digits-mlflow',
      seed: (name, files) => mlflow.seed(name, files),
      close: () => registry.close(),
    });
  });

  /** From a fresh node: the model comes from its registry before each start. moto stands for S3. */
  describe.skipIf(!hasImages)('starts from a fresh node', () => {
    const model = perceptronModel({ layers: [784, 256, 10] });
    beforeAll(async () => {
      const client = new AwsClient({
        accessKeyId: 'test',
        secretAccessKey: 'test',
        service: 's3',
        region: 'us-east-1',
      });
      await client.fetch(`${s3.origin}/models`, { method: 'PUT' });
      await mlflow.seed('Fresh', { 'model.onnx': model });
    }, 120_000);

    const places: readonly (readonly [string, () => string, RegExp])[] = [
      ['a registry of images', () => `oci://${oci?.host ?? ''}/team/fresh:1`, /^model fetched from oci:.*@sha256:/],
      ['S3', () => 's3://models/digits/1', /^model fetched from s3:\/\/models\/digits\/1$/],
      ['MLflow', () => 'mlflow:Fresh:1', /^model fetched from mlflow:\/\/127.*\/Fresh\/1$/],
    ];
    it.each(places)('fetch the model from %s before each of them, and are judged', async (_, placeOf, prepared) => {
      const env = { ...keys, AWS_ENDPOINT_URL: s3.origin, MLFLOW_TRACKING_URI: mlflow.origin };
      const files = { 'plimsoll.yaml': coldStartContract, 'model.onnx': model };
      const [elsewhere, here] = [new UserProject({ files, env }), new UserProject({ files, env })];
      try {
        const place = placeOf();
        if (!place.startsWith('mlflow:')) {
          await elsewhere.passing('model', 'add', 'model.onnx', '--name', 'digits');
          await elsewhere.passing('model', 'push', 'digits:1', place);
        }
        await here.passing('model', 'add', place, '--name', 'digits', '--alias', 'candidate');
        await here.passing('pin');
        const told = JSON.parse(await here.passing('coldstart', '--starts', '5', '--json')) as ColdStartReport;
        expect(told).toMatchObject({ verdict: 'pass', recorded: true });
        const [tier] = told.tiers;
        expect(tier).toMatchObject({ tier: 'fresh-node', prepared: expect.stringMatching(prepared) });
        expect(tier?.starts.map(({ outcome }) => outcome)).toEqual(new Array(5).fill('ready'));
        for (const { phases } of tier?.starts ?? []) {
          const fetched = phases.find((phase) => phase.phases.includes('weights-fetch'));
          expect(fetched?.durationMs).toBeGreaterThan(0);
        }
        expect(readdirSync(path.join(here.stateFolder, 'fresh'))).toEqual([]);
        expect(await here.stop()).toMatchObject({ left: 0 });
      } finally {
        for (const project of [elsewhere, here]) project.remove();
      }
    });
  });

  /** The commands as a person runs them. */
  describe.skipIf(!hasImages)('the commands for models', () => {
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
      const model = linearModel();
      await mlflow.seed('Digits', { MLmodel: Buffer.from('flavors: {onnx: {}}\n'), 'model.onnx': model });
      await mlflow.seed('Digits', { MLmodel: Buffer.from('flavors: {onnx: {}} # 2\n'), 'model.onnx': model });
      await mlflow.post('registered-models/alias', { name: 'Digits', alias: 'champion', version: '1' });
    }, 120_000);

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
      await mlflow.seed('Hidden', {
        'model.onnx': linearModel(),
        'extra.dat': Buffer.from('\x80\x04}\x94.', 'latin1'),
      });
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
    });

    it('pushes to OCI and takes it back as the same version', async () => {
      const target = `oci://${oci?.host ?? ''}/team/digits:1`;
      const pushed = await plimsoll('model', 'push', 'digits:1', target, '--json');
      expect([pushed.exit, pushed.err]).toEqual([0, '']);
      const { digest } = JSON.parse(pushed.out) as { digest: string };
      const pulled = await plimsoll(
        'model',
        'add',
        `oci://${oci?.host ?? ''}/team/digits@${digest}`,
        '--name',
        'digits',
        '--json',
      );
      expect(JSON.parse(pulled.out)).toMatchObject({ created: false, version: { version: 1 } });
      expect((await plimsoll('model', 'evidence', target)).out).toMatch(/no evidence is attached/);
    });
  });
});
