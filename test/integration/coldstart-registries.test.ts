import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColdStartReport } from '../../src/cli/coldstart/coldstart-report.ts';
import { perceptronModel } from '../../src/testing/builders/files/onnx-models.ts';
import { missingPrograms, RealRegistry } from './oci-registry.ts';
import { MlflowServer } from './registries/mlflow-server.ts';
import { RunningServer } from './registries/running-server.ts';
import { findPythonServers } from './registries/servers.ts';
import { UserProject } from './user-project.ts';

const found = findPythonServers();
if (found.kind === 'missing') console.warn(`skipped: ${found.why}`);
const bin = found.kind === 'installed' ? found.bin : '';
const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: candidate }
coldStart: { p50: 20s, from: fresh-node }
`;
const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

/** Servers that are not ours; moto stands for S3. */
describe.skipIf(found.kind === 'missing' || missingPrograms.length > 0)('starts from a fresh node', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-fresh-'));
  const model = perceptronModel({ layers: [784, 256, 10] });
  let [mlflow, oci, s3]: [MlflowServer?, RealRegistry?, RunningServer?] = [];
  beforeAll(async () => {
    [mlflow, oci, s3] = await Promise.all([
      MlflowServer.start(bin, folder),
      RealRegistry.start(path.join(folder, 'oci'), { auth: false }),
      RunningServer.start(path.join(bin, 'moto_server'), (port) => ['-H', '127.0.0.1', '-p', String(port)], {
        readyPath: '/moto-api/',
      }),
    ]);
    const client = new AwsClient({ accessKeyId: 'test', secretAccessKey: 'test', service: 's3', region: 'us-east-1' });
    await client.fetch(`${s3.origin}/models`, { method: 'PUT' });
    await mlflow.seed('Digits', { 'model.onnx': model });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([mlflow?.stop(), oci?.stop(), s3?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const places: readonly (readonly [string, () => string, RegExp])[] = [
    ['a registry of images', () => `oci://${oci?.host ?? ''}/team/digits:1`, /^model fetched from oci:.*@sha256:/],
    ['S3', () => 's3://models/digits/1', /^model fetched from s3:\/\/models\/digits\/1$/],
    ['MLflow', () => 'mlflow:Digits:1', /^model fetched from mlflow:\/\/127.*\/Digits\/1$/],
  ];
  it.each(places)('fetch the model from %s before each of them, and are judged', async (_, placeOf, prepared) => {
    const env = { ...keys, AWS_ENDPOINT_URL: s3?.origin ?? '', MLFLOW_TRACKING_URI: mlflow?.origin ?? '' };
    const files = { 'plimsoll.yaml': contract, 'model.onnx': model };
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
