/** Three services of one replica each, which ask for more cores than the machine has, and a warm release more. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CostReport } from '../../../src/schemas/http/cost/http-cost.ts';
import { repositoryFolder, UserProject } from '../../user-project.ts';

const cores = availableParallelism();
const names = ['first', 'second', 'third'] as const;
/** The first two say no number of cores; the third asks for all of them. */
const contract = (name: string): string => `apiVersion: plimsoll.dev/v1
service: ${name}
code:
  command: [node, server.ts]
  files: [server.ts]
  env: { FAULT: none }
model: { name: ${name}-model, version: candidate }
${name === 'third' ? `hardware: { accelerator: cpu, host: { cpus: ${cores} } }` : ''}
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
monitoring: { golden: ${name}-golden }
`;
const waiver = ['--waive', 'hardware', '--reason', 'cores are shared here', '--until', '2099-01-01'];
const server = readFileSync(path.join(repositoryFolder, 'test/servers/doubler/server.ts'));
const golden = [1, 2].map((value) => `${JSON.stringify({ x: [value, value] })}\n`).join('');
const requests = 30;
let project: UserProject;

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

const release = (name: string, ...more: readonly string[]): Promise<string> =>
  project.passing('release', '--contract', `${name}/plimsoll.yaml`, ...(name === 'third' ? waiver : []), ...more);

async function ask(name: string): Promise<void> {
  for (let sent = 0; sent < requests; sent += 1) {
    const answer = await fetch(`${project.gatewayUrl}/services/${name}/v2/models/${name}-model/infer`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }),
    });
    expect(answer.status, await answer.text()).toBe(200);
  }
}

const readCost = async (): Promise<CostReport> => JSON.parse(await project.passing('cost', '--json')) as CostReport;
const answersOf = ({ units }: CostReport) =>
  Object.fromEntries(units.flatMap(({ groups }) => groups.map(({ group, answers }) => [group['service'], answers])));

it(
  'each service that answered has a row, the sum is the machine, and what is shared is named',
  { timeout: 300_000 },
  async () => {
    for (const name of names) await prepare(name);
    await project.up(...names);
    for (const name of names) await release(name);
    // The release from before is kept warm: it holds all cores once more.
    project.write('third/plimsoll.yaml', contract('third').replace('FAULT: none', 'FAULT: never'));
    await project.passing('pin', '--contract', 'third/plimsoll.yaml');
    await project.passing('golden', 'record', '--contract', 'third/plimsoll.yaml');
    await release('third');
    for (const name of names) await ask(name);
    const expected = Object.fromEntries(
      names.map((name) => [name, expect.toSatisfy((answers: number) => answers >= requests)]),
    );
    await expect
      .poll(async () => answersOf(await readCost()), { timeout: 150_000, interval: 2_000 })
      .toMatchObject(expected);
    const report = await readCost();
    expect(report.errorCount, JSON.stringify(report.errors)).toBe(0);
    const [unit] = report.units;
    expect(unit?.total.computeMs).toBe(unit?.groups.reduce((sum, { computeMs }) => sum + computeMs, 0));
    expect((unit?.total.computeMs ?? NaN) % cores).toBe(0);
    expect(unit?.unattributable.filter(({ reason }) => reason === 'claimed-twice')).toEqual([]);
    for (const { computeMs } of unit?.groups ?? []) expect(computeMs).toBeGreaterThan(0);
    expect(report.overcommitted?.some(({ claims }) => claims.length >= 3)).toBe(true);
    expect(await project.passing('cost')).toContain('shared beyond what there is');
  },
);
