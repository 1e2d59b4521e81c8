/** A second service beside the one of a folder, and the removal of that one while both are under load. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { SteadyTraffic } from '../../steady-traffic.ts';
import { UserProject } from '../../user-project.ts';

const contract = (name: string): string => `apiVersion: plimsoll.dev/v1
service: ${name}
code: { command: [plimsoll, serve-model] }
model: { name: ${name}-model, version: candidate }
monitoring: { golden: ${name}-golden }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
`;
const filesOf = (name: string) => ({
  [`${name}/plimsoll.yaml`]: contract(name),
  [`${name}/golden.jsonl`]: [1, 2].map((row) => `${JSON.stringify({ x: rowOf(row) })}\n`).join(''),
  [`${name}/model-1.onnx`]: tinyModel(1).bytes,
  [`${name}/model-2.onnx`]: tinyModel(2).bytes,
});

describe('a second service, and the removal of the first', { timeout: 240_000 }, () => {
  let project: UserProject;
  beforeAll(() => {
    project = new UserProject({ files: { ...filesOf('alpha'), ...filesOf('beta') } });
  });
  afterAll(async () => {
    await project.stop();
    project.remove();
  });

  const state = ['--state', '.plimsoll'];
  const of = (name: string) => ['--contract', `${name}/plimsoll.yaml`, ...state];
  const prepare = async (name: string, version: number): Promise<void> => {
    const file = `${name}/model-${version}.onnx`;
    await project.passing('model', 'add', file, '--name', `${name}-model`, '--alias', 'candidate', ...of(name));
    await project.passing('data', 'add', `${name}/golden.jsonl`, '--name', `${name}-golden`, ...of(name));
    await project.passing('pin', ...of(name));
    await project.passing('golden', 'record', ...of(name));
  };
  const infer = (path: string): Promise<Response> =>
    fetch(`${project.gatewayUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, rowOf(1).length], data: rowOf(1) }] }),
    });
  const ofAlpha = '/v2/models/alpha-model/infer';
  const ofBeta = '/services/beta/v2/models/beta-model/infer';

  it('are one after the other, and beta answers every request', async () => {
    await project.up('alpha', ...state);
    await prepare('alpha', 1);
    await project.passing('release', ...of('alpha'));
    expect((await infer(ofAlpha)).status).toBe(200);

    await prepare('beta', 1);
    await project.passing('release', ...of('beta'));
    expect((await infer(ofBeta)).status).toBe(200);
    expect((await infer(ofAlpha)).status).toBe(200);

    const [alpha, beta] = [new SteadyTraffic(() => infer(ofAlpha)), new SteadyTraffic(() => infer(ofBeta))];
    await prepare('alpha', 2);
    await project.passing('release', '--no-wait', ...of('alpha'));
    const asked = await project.plimsoll('service', 'remove', 'alpha', ...state);
    expect([asked.status, asked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    const removed = await project.passing('service', 'remove', 'alpha', '--yes', '--reason', 'old', ...state);
    expect(removed).toContain('alpha is removed from default');
    await Promise.all([alpha.end(), beta.end()]);
    const answers = beta.take();
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(alpha.take().map(({ status }) => status))).toEqual(new Set([200, 410]));
    expect(await (await infer(ofAlpha)).json()).toMatchObject({ code: 'service-removed' });

    const history = await project.passing('history', ...of('alpha'));
    expect(history).toMatch(/service\.removed/);
    expect(await project.passing('status', ...state, '--every')).not.toContain('alpha');
  });

  it('serve on without a control plane, and the next `up` takes over what runs', async () => {
    const { gatewayUrl: gateway, pageUrl: page } = project;
    const before = await (await fetch(`${gateway}/plimsoll/identity`)).text();
    await project.passing('up', '--stop', '--keep-serving', 'alpha', ...state);
    await expect(fetch(`${page}/v1/health`)).rejects.toThrow();
    expect((await infer(ofBeta)).status).toBe(200);
    await project.up('alpha', '--listen', new URL(page).host, ...state);
    expect(project.gatewayUrl).toBe(gateway);
    expect(await (await fetch(`${gateway}/plimsoll/identity`)).text()).toBe(before);
    expect((await infer(ofBeta)).status).toBe(200);
    expect((await infer(ofAlpha)).status).toBe(410);
    expect(await project.stop()).toEqual({ status: 0, left: 0 });
  });
});
