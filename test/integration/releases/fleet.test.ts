/** Two folders under one control plane, as somebody who has both would run them. */
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetView } from '../../../src/schemas/view/fleet-view.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

const model = tinyModel(1);
const golden = [1, 2, 3].map((row) => `${JSON.stringify({ x: rowOf(row) })}\n`).join('');
const contract = (name: string): string => `apiVersion: plimsoll.dev/v1
service: ${name}
owner: team-${name}
code: { command: [plimsoll, serve-model] }
model: { name: ${name}-model, version: candidate }
monitoring: { golden: ${name}-golden }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
`;
const filesOf = (name: string) => ({
  [`${name}/plimsoll.yaml`]: contract(name),
  [`${name}/model.onnx`]: model.bytes,
  [`${name}/golden.jsonl`]: golden,
});
const names = ['alpha', 'beta'] as const;

describe('the services of two folders', { timeout: 240_000 }, () => {
  let project: UserProject;
  beforeAll(() => {
    project = new UserProject({ files: { ...filesOf('alpha'), ...filesOf('beta'), ...filesOf('gamma') } });
  });
  afterAll(async () => {
    await project.stop();
    project.remove();
  });

  const inFolder = (name: string) => ['--contract', `${name}/plimsoll.yaml`];
  const prepare = async (name: string, ...more: readonly string[]): Promise<void> => {
    const at = [...inFolder(name), ...more];
    await project.passing(
      'model',
      'add',
      `${name}/model.onnx`,
      '--name',
      `${name}-model`,
      '--alias',
      'candidate',
      ...at,
    );
    await project.passing('data', 'add', `${name}/golden.jsonl`, '--name', `${name}-golden`, ...at);
    await project.passing('pin', ...at);
    await project.passing('golden', 'record', ...at);
  };
  const infer = async (path: string, host = 'any.example'): Promise<{ status: number; text: string }> => {
    const answer = await request(`${project.gatewayUrl}${path}`, {
      method: 'POST',
      headers: { host, 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, rowOf(1).length], data: rowOf(1) }] }),
      headersTimeout: 30_000,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const fleet = async (): Promise<FleetView> =>
    (await fetch(`${project.pageUrl}/v1/fleet`)).json() as Promise<FleetView>;

  it('run under one control plane, one gateway and one page, and a third is taken up while they run', async () => {
    // What stood in one of the folders before comes along.
    await prepare('alpha');
    await project.up('alpha', 'beta');
    await prepare('beta');
    for (const name of names) {
      expect(await project.passing('release', ...inFolder(name))).toContain('release 1 is live');
    }
    const list = await project.passing('status', '--state', project.stateFolder);
    expect(list).toMatch(/alpha in default +1: alpha-model 1.*Healthy/);
    expect(list).toMatch(/beta in default +1: beta-model 1.*Healthy/);
    for (const name of names) {
      const answer = await infer(`/services/${name}/v2/models/${name}-model/infer`);
      expect(answer.status, answer.text).toBe(200);
      expect(JSON.parse(answer.text)).toMatchObject({ model_name: `${name}-model` });
    }
    expect((await infer('/v2/models/alpha-model/infer')).status).toBe(404);
    expect((await infer('/v2/models/beta-model/infer', 'beta.example')).status).toBe(200);

    const server = ['--server', project.pageUrl];
    const token = project.read('.plimsoll/run/control-plane.token').trim();
    const elsewhere = project.with({ PLIMSOLL_TOKEN: token });
    await prepare('gamma');
    const released = await elsewhere.plimsoll('release', ...inFolder('gamma'), ...server);
    expect(released.stdout + released.stderr).toContain('release 1 is live');
    expect((await fleet()).services.map(({ service, live }) => [service, live?.release])).toEqual([
      ['alpha', 1],
      ['beta', 1],
      ['gamma', 1],
    ]);
    expect((await infer('/services/gamma/v2/models/gamma-model/infer')).status).toBe(200);
    const one = await fetch(`${project.pageUrl}/v1/view`);
    expect(one.status).toBe(400);
    expect(await one.json()).toMatchObject({ error: { code: 'service-unnamed' } });

    expect(await project.stop()).toEqual({ status: 0, left: 0 });
  });

  it('are refused where two contracts are of one service', async () => {
    project.write('other/plimsoll.yaml', contract('alpha'));
    const { status, stderr } = await project.plimsoll('up', 'alpha', 'other', '--listen', '127.0.0.1:0');
    expect(status).toBe(1);
    expect(stderr).toContain('two contracts are of alpha in default');
  });
});
