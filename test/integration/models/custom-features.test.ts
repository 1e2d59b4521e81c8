/** Features that a service computes by itself, in the built program: a module, and a command that hangs. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DriftAnswer, DriftSamplesAnswer } from '../../../src/schemas/http/monitoring/http-drift.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring:
  golden: tiny-golden
  capture: { sample: 100% }
  falseAlarms: 1 per 30d
  window: 1ms
  features:
    - { module: lib/features.ts, gives: { total: number, side: category } }
    - { command: [sh, hang.sh], gives: { never: number }, timeout: 300ms }
`;
const module = `import { sum } from './sum.ts';
export const features = ({ inputs }: { inputs: Record<string, number[]> }) => {
  const total = sum(Object.values(inputs)[0] ?? []);
  return { total, side: total > 0 ? 'up' : 'down' };
};
`;
const soon = { timeout: 60_000, interval: 500 };
let project: UserProject;

beforeAll(async () => {
  project = new UserProject({
    files: {
      'plimsoll.yaml': contract.replace('module: lib/features.ts,', 'module: lib/features.ts, files: [lib],'),
      'lib/features.ts': module,
      'lib/sum.ts': 'export const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);\n',
      'hang.sh': 'read -r line; sleep 1000\n',
      'model.onnx': tinyModel(1).bytes,
      'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n`,
    },
  });
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.up();
  await project.passing('release');
}, 120_000);
afterAll(async () => {
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

it('computes them of live requests, and loses nothing else where a program hangs', { timeout: 120_000 }, async () => {
  for (let at = 0; at < 60; at += 1) {
    const url = `${project.gatewayUrl}/v2/models/tiny/infer`;
    const answer = await fetch(url, { method: 'POST', body: inferBody(rowOf(at)) });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
  const read = async <T>(of: string): Promise<T> => (await (await fetch(`${project.pageUrl}${of}`)).json()) as T;
  await expect.poll(async () => (await read<DriftAnswer>('/v1/drift')).status?.rows, soon).toBe(60);
  const failures = { 'sh hang.sh': expect.stringContaining('it gave no answer') as string };
  await expect.poll(async () => (await read<DriftAnswer>('/v1/drift')).status?.failures, soon).toEqual(failures);
  const { status } = await read<DriftAnswer>('/v1/drift');
  expect(status?.features.map(({ name }) => name)).toEqual(expect.arrayContaining(['total', 'side', 'never']));
  const { samples } = JSON.parse(
    await project.passing('drift', 'samples', '--last', '1', '--json'),
  ) as DriftSamplesAnswer;
  const last = samples.at(-1)?.values ?? {};
  const inputs = Object.entries(last).flatMap(([name, value]) => (/^x\[/.test(name) ? [Number(value)] : []));
  expect(last['total']).toBeCloseTo(
    inputs.reduce((sum, each) => sum + each, 0),
    4,
  );
  expect(last).not.toHaveProperty('never');
  const { stdout } = await project.plimsoll('drift');
  expect(stdout).toContain('unknown in the newest rows, sh hang.sh: it gave no answer');
  expect(readdirSync(path.join(project.folder, '.plimsoll', 'run', 'features'))).toHaveLength(1);
});
