import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMlServer } from '../../../bench/model-server/mlserver.ts';
import { linearModel, probabilitiesOf, safetensorsOf } from './linear-model.ts';
import { SteadyTraffic } from '../../steady-traffic.ts';
import { UserProject } from '../../user-project.ts';

/** Rows 1 to 4 are positive, so that code which goes wrong below zero offends first at row 5. */
const rows = [
  [1, 0.5, 0.25, 2],
  [0, 1, 2, 0.5],
  [3, 0.125, 1, 0],
  [0.5, 0.5, 0.5, 0.5],
  [-1, 0.5, 2, 0.25],
  [0.25, -2, 0, 1],
];

const contract = `apiVersion: plimsoll.dev/v1
service: linear
code:
  command: [mlserver, start, .]
  files: [linear_runtime.py, model-settings.json, settings.json]
  env:
    MLSERVER_HOST: "\${PLIMSOLL_HOST}"
    MLSERVER_HTTP_PORT: "\${PLIMSOLL_PORT}"
    PYTHONPATH: "."
model: { name: linear, version: candidate }
monitoring: { golden: linear-golden }
`;

const codeFile = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, '../../servers/mlserver', name), 'utf8');
const runtime = codeFile('linear_runtime.py');
const features = 'features = NumpyCodec.decode_input(payload.inputs[0])';

const mlServer = findMlServer();
if (mlServer.kind === 'missing') {
  console.error(
    `foreign-server.test.ts is skipped: ${mlServer.why}; next: node scripts/bootstrap.mjs test/peers/install/mlserver.ts`,
  );
}

describe.skipIf(mlServer.kind === 'missing')('MLServer as the replica', { timeout: 300_000 }, () => {
  let project: UserProject;
  let traffic: SteadyTraffic;
  const infer = (row: readonly number[]): Promise<Response> =>
    fetch(`${project.gatewayUrl}/v2/models/linear/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 4], data: row }] }),
      signal: AbortSignal.timeout(60_000),
    });

  beforeAll(() => {
    project = new UserProject({
      files: {
        'plimsoll.yaml': contract,
        'linear_runtime.py': runtime,
        'model-settings.json': codeFile('model-settings.json'),
        'settings.json': codeFile('settings.json'),
        'linear.safetensors': safetensorsOf(linearModel),
        'golden.jsonl': rows.map((row) => `${JSON.stringify({ features: row })}\n`).join(''),
      },
      path: mlServer.kind === 'installed' ? [mlServer.bin] : [],
    });
  });
  afterAll(async () => {
    await traffic?.end();
    const stopped = await project.stop();
    project.remove();
    expect(stopped).toEqual({ status: 0, left: 0 });
  });

  it('has its answers recorded, and is admitted by them and served', async () => {
    await project.passing('model', 'add', 'linear.safetensors', '--name', 'linear', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'linear-golden');
    await project.passing('pin');
    expect(await project.passing('golden', 'record')).toContain('6 of 6 came out again when asked once more');
    await project.up();
    expect(await project.passing('release')).toMatch(/release 1 is live/);

    const { replicas, signature } = await project.view();
    expect(signature).toBeNull();
    const admission = expect.stringMatching(/^reproduced golden set [0-9a-f]{12}$/) as string;
    expect(replicas).toMatchObject([{ state: 'ready', admitted: true, admission }]);
    for (const row of rows) {
      const answer = await infer(row);
      const body = (await answer.json()) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
      expect([answer.status, answer.headers.get('plimsoll-release')]).toEqual([200, '1']);
      probabilitiesOf(linearModel, row).forEach((expected, column) => {
        expect(body.outputs[0]?.data[column]).toBeCloseTo(expected, 5);
      });
    }
  });

  it('is not admitted with code that answers wrongly: the release fails by its first offending input, traffic stays', async () => {
    traffic = new SteadyTraffic(() => infer(rows[4] ?? []));
    const before = (await project.view()).replicas[0]?.replicaId;
    expect(runtime).toContain(features);
    project.write('linear_runtime.py', runtime.replace(features, `${features}.clip(0)`));
    await project.passing('pin');
    // Other code makes the evidence stale. A waiver of that is none of the answers: the replica still has to give them.
    expect((await project.plimsoll('release')).stdout).toContain('golden evidence is stale: code moved');
    const waiver = ['--waive', 'golden', '--reason', 'the answers are the same', '--until', '1d'];
    const { status, stdout } = await project.plimsoll('release', ...waiver);
    expect(stdout).toMatch(/release 2 failed: .*input linear-golden:5: probabilities.* expected/);
    expect(status).toBe(1);

    const view = await project.view();
    expect(view.deployment).toMatchObject({ live: 1, incoming: null, phase: 'failed' });
    expect(view.releases.map(({ number, state }) => [number, state])).toEqual([
      [2, 'failed'],
      [1, 'live'],
    ]);
    expect(view.replicas.filter((replica) => replica.admitted).map((replica) => replica.replicaId)).toEqual([before]);
    expect(await project.passing('history')).toMatch(/^2 +failed/m);
    expectAllFrom(traffic.take(), '1');
  });

  it('brings in code that answers rightly, and rolls it back to what is still warm', async () => {
    project.write('linear_runtime.py', `${runtime}\n\n# Another code digest, the same answers.\n`);
    const [first] = (await project.view()).replicas.filter((replica) => replica.admitted);
    await project.passing('pin');
    expect(await project.passing('golden', 'record')).toContain('6 of 6 came out again');
    expect(await project.passing('release')).toContain('release 3 is live');
    expect((await infer(rows[0] ?? [])).headers.get('plimsoll-release')).toBe('3');

    expect(await project.passing('rollback', '--code', '--reason', 'a test')).toContain('release 4 is live');
    const answer = await infer(rows[0] ?? []);
    expect(answer.headers.get('plimsoll-release')).toBe('4');
    expect(answer.headers.get('plimsoll-replica')).toBe(first?.replicaId);
    expect(traffic.take().filter(({ status }) => status !== 200)).toEqual([]);

    const again = await project.plimsoll('release');
    expect(again.stderr).toMatch(/code [0-9a-f]{12} is barred since it was rolled back: a test/);
    expect(again.status).toBe(1);
  });
});

function expectAllFrom(answers: ReturnType<SteadyTraffic['take']>, release: string): void {
  expect(answers.length).toBeGreaterThan(0);
  expect(answers.filter((answer) => answer.status !== 200 || answer.release !== release)).toEqual([]);
}
