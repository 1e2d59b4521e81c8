/** Commands that record at once: each measures for a second or more, and all of them write the same lock at its end. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLock } from '../../../src/schemas/lock/lock.ts';
import { matrixModel } from '../../../src/testing/builders/files/onnx-models.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: matrix
code: { command: [plimsoll, serve-model] }
model: { name: matrix, version: candidate }
monitoring: { golden: vectors }
environments:
  staging: { platform: local }
  prod: { platform: local }
`;
const environments = ['staging', 'prod'];
const rounds = 6;

let project: UserProject;
beforeEach(async () => {
  project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'matrix.onnx': matrixModel(), 'vectors.jsonl': '{"x":[1,2]}\n{"x":[3,4]}\n' },
  });
  for (const environment of environments) {
    const there = ['--environment', environment];
    await project.passing('model', 'add', 'matrix.onnx', '--name', 'matrix', '--alias', 'candidate', ...there);
    await project.passing('data', 'add', 'vectors.jsonl', '--name', 'vectors', ...there);
  }
  await project.passing('pin');
});
afterEach(async () => {
  expect(await project.stop()).toMatchObject({ left: 0 });
  project.remove();
});

const recordedIn = (): readonly string[] => {
  const lock = readLock(Buffer.from(project.read('plimsoll.lock')), 'plimsoll.lock');
  return environments.filter((environment) => lock.environments[environment]?.evidence.golden !== undefined);
};

it(`loses nothing of two environments that record at once, and none to a pin, ${rounds} times`, async () => {
  const pinned = project.read('plimsoll.lock');
  for (let round = 1; round <= rounds; round += 1) {
    project.write('plimsoll.lock', pinned);
    await Promise.all([
      ...environments.map((environment) => project.passing('golden', 'record', '--environment', environment)),
      project.passing('pin'),
    ]);
    expect([round, recordedIn()]).toEqual([round, environments]);
  }
  for (const environment of environments) await project.passing('check', '--environment', environment);
}, 300_000);
