/**
 * Three services of one replica each that state no number of cores, on one control plane: the second and the third are joined by
 * `release --server`, and one release before is kept warm. They hold as many cores as the machine has, or more.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CostReport } from '../../../src/schemas/http/cost/http-cost.ts';
import { repositoryFolder, UserProject } from '../../user-project.ts';

const cores = availableParallelism();
const names = ['first', 'second', 'third'] as const;
const contract = (name: string): string => `apiVersion: plimsoll.dev/v1
service: ${name}
code:
  command: [node, server.ts]
  files: [server.ts]
  env: { FAULT: none }
model: { name: ${name}-model, version: candidate }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
monitoring: { golden: ${name}-golden }
`;
const server = readFileSync(path.join(repositoryFolder, 'test/servers/doubler/server.ts'));
const golden = [1, 2].map((value) => `${JSON.stringify({ x: [value, value] })}\n`).join('');
const ofFirst = ['--contract', 'first/plimsoll.yaml'];
const requests = 30;
let project: UserProject;
let token: string;

beforeAll(() => {
  const files = names.flatMap((name) => [
    [`${name}/plimsoll.yaml`, contract(name)] as const,
    [`${name}/server.ts`, server] as const,
    [`${name}/weights.bin`, name] as const,
    [`${name}/golden.jsonl`, golden] as const,
  ]);
  project = new UserProject({ files: Object.fromEntries(files) });
});
afterAll(async () => {
  await project.stop();
  project.remove();
});

async function prepare(name: string): Promise<void> {
  const at = ['--contract', `${name}/plimsoll.yaml`];
  await project.passing(
    ...['model', 'add', `${name}/weights.bin`, '--name', `${name}-model`],
    '--alias',
    'candidate',
    ...at,
  );
  await project.passing('data', 'add', `${name}/golden.jsonl`, '--name', `${name}-golden`, ...at);
  await project.passing('pin', ...at);
  await project.passing('golden', 'record', ...at);
}

/** The first is that of the control plane; the others are joined to it from elsewhere, with a token. */
async function release(name: string): Promise<void> {
  const words = ['release', '--contract', `${name}/plimsoll.yaml`];
  if (name === 'first') return void (await project.passing(...words));
  const joined = await project.with({ PLIMSOLL_TOKEN: token }).plimsoll(...words, '--server', project.pageUrl);
  expect(joined.status, joined.stderr).toBe(0);
}

async function ask(name: string): Promise<void> {
  for (let sent = 0; sent < requests; sent += 1) {
    const answer = await fetch(`${project.gatewayUrl}/services/${name}/v2/models/${name}-model/infer`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }),
    });
    expect(answer.status, await answer.text()).toBe(200);
  }
}

const readCost = async (): Promise<CostReport> =>
  JSON.parse(await project.passing('cost', '--json', ...ofFirst)) as CostReport;
const answersOf = ({ units }: CostReport) =>
  Object.fromEntries(units.flatMap(({ groups }) => groups.map(({ group, answers }) => [group['service'], answers])));

it(
  'each service that answered has a row, the sum is the machine, and what is shared is named',
  { timeout: 300_000 },
  async () => {
    await Promise.all(names.map(prepare));
    await project.up('first');
    const added = await project.passing('token', 'add', 'ci', '--role', 'release', ...ofFirst);
    token = added.match(/plm_[0-9a-f]{64}/)?.[0] ?? '';
    for (const name of names) await release(name);
    // The release from before is kept warm: it holds a core more.
    project.write('third/plimsoll.yaml', contract('third').replace('FAULT: none', 'FAULT: never'));
    await project.passing('pin', '--contract', 'third/plimsoll.yaml');
    await project.passing('golden', 'record', '--contract', 'third/plimsoll.yaml');
    await release('third');
    for (const name of names) await ask(name);
    // A control plane that ends accounts for all up to its end, so that nobody waits for the minute.
    await project.stop();
    const report = await readCost();
    const atLeast = expect.toSatisfy((answers: number) => answers >= requests);
    expect(answersOf(report)).toMatchObject(Object.fromEntries(names.map((name) => [name, atLeast])));
    expect(report.errorCount, JSON.stringify(report.errors)).toBe(0);
    const [unit] = report.units;
    expect(unit?.total.computeMs).toBe(unit?.groups.reduce((sum, { computeMs }) => sum + computeMs, 0));
    expect((unit?.total.computeMs ?? NaN) % cores).toBe(0);
    expect(unit?.unattributable.filter(({ reason }) => reason === 'claimed-twice')).toEqual([]);
    for (const { computeMs } of unit?.groups ?? []) expect(computeMs).toBeGreaterThan(0);
    expect(report.overcommitted?.some(({ claims }) => claims.length >= 3)).toBe(true);
    expect(await project.passing('cost', ...ofFirst)).toContain('shared beyond what there is');
  },
);
