/** Two services that take half a GPU each, on a machine that is played to have GPUs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

const devices = `devices:
  - { product: L4, count: 2, memory: 24GiB, sharing: mps, shares: 2, capability: '8.9', driver: '570.148.08', cuda: '12.8' }
`;
/** A simulated device proves nothing of the hardware. */
const waiver = ['--waive', 'hardware', '--reason', 'the devices are simulated', '--until', '2099-01-01'];
const golden = [1, 2, 3].map((row) => `${JSON.stringify({ x: rowOf(row) })}\n`).join('');
/** Which of several starts comes first to the devices is chance. */
const byText = (a: string | null, b: string | null): number => (a ?? '').localeCompare(b ?? '');
const contract = (name: string): string => `apiVersion: plimsoll.dev/v1
service: ${name}
owner: team-${name}
code: { command: [plimsoll, serve-model] }
model: { name: ${name}-model, version: candidate }
hardware: { accelerator: nvidia, sharing: [mps], memory: 8GiB }
monitoring: { golden: ${name}-golden }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
`;
const filesOf = (name: string) => ({
  [`${name}/plimsoll.yaml`]: contract(name),
  [`${name}/model.onnx`]: tinyModel(1).bytes,
  [`${name}/golden.jsonl`]: golden,
});

describe('two services with half a GPU each', { timeout: 240_000 }, () => {
  const machine = mkdtempSync(path.join(tmpdir(), 'plimsoll-machine-'));
  let project: UserProject;
  beforeAll(() => {
    const file = path.join(machine, 'devices.yaml');
    writeFileSync(file, devices);
    project = new UserProject({
      files: { ...filesOf('alpha'), ...filesOf('beta') },
      env: { PLIMSOLL_SIMULATED_DEVICES: file },
    });
  });
  afterAll(async () => {
    await project.stop();
    project.remove();
    rmSync(machine, { recursive: true, force: true });
  });

  const inFolder = (name: string) => ['--contract', `${name}/plimsoll.yaml`];
  const prepare = async (name: string): Promise<void> => {
    const at = inFolder(name);
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

  const release = (name: string, ...more: readonly string[]): Promise<string> =>
    project.passing('release', ...inFolder(name), ...waiver, ...more);
  const replicasOf = async (name: string): Promise<ServiceView['replicas']> => {
    const answer = await fetch(`${project.pageUrl}/v1/view?service=${name}&environment=default`).catch(() => null);
    return answer?.ok === true ? ((await answer.json()) as ServiceView).replicas : [];
  };
  /** `simulated-0::1` by process, of replicas that are ready. */
  const readyParts = async (name: string): Promise<readonly string[]> =>
    (await replicasOf(name))
      .filter(({ state }) => state === 'ready')
      .map(({ pid, devices: own }) => `${pid} ${own?.devices?.map(({ uuid, share }) => `${uuid}::${share}`).join()}`);
  const soon = { timeout: 60_000, interval: 200 };

  it('land on one device, are told their share, and the ledger books it', async () => {
    await prepare('alpha');
    await project.up('alpha', 'beta');
    await prepare('beta');
    await release('alpha');
    await release('beta');
    const parts = [...(await readyParts('alpha')), ...(await readyParts('beta'))];
    expect(parts.map((part) => part.split(' ')[1])).toEqual(['simulated-0::0', 'simulated-0::1']);
    for (const part of parts) {
      const environment = readFileSync(`/proc/${part.split(' ')[0]}/environ`, 'utf8').split('\0');
      expect(environment).toEqual(
        expect.arrayContaining([
          'CUDA_VISIBLE_DEVICES=simulated-0',
          'CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=50',
          'CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=12288M',
        ]),
      );
    }
    await expect.poll(claimsOfLedger, soon).toEqual([
      { service: 'alpha', holds: [{ device: 'simulated-0', slot: '0' }] },
      { service: 'beta', holds: [{ device: 'simulated-0', slot: '1' }] },
    ]);
  });

  it('keep their shares when the control plane is killed', async () => {
    const before = [await readyParts('alpha'), await readyParts('beta')];
    expect(before).toEqual([[expect.stringContaining('::0')], [expect.stringContaining('::1')]]);
    const { pid } = JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { readonly pid: number };
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => recordedPid(), soon).not.toBe(pid);
    await expect.poll(async () => [await readyParts('alpha'), await readyParts('beta')], soon).toEqual(before);
  });

  it('let more replicas have the other device, and one without room says why it waits', async () => {
    project.write('beta/plimsoll.yaml', contract('beta').replace('min: 1, max: 1', 'min: 4, max: 4'));
    await release('beta', '--no-wait');
    await expect
      .poll(
        async () =>
          (await replicasOf('beta')).map(({ state, reason }) => (state === 'ready' ? state : reason)).toSorted(byText),
        soon,
      )
      .toEqual([
        ...['ready', 'ready', 'ready'],
        'waits for a device: no device of the pool has half free: 4 of 4 are held',
      ]);
    expect(await project.passing('status', ...inFolder('beta'))).toContain('no device of the pool has half free');
    await expect
      .poll(() => project.passing('history', ...inFolder('beta')), soon)
      .toContain('is pending: waits for a device: no device of the pool has half free: 4 of 4 are held');
  });

  const recordedPid = (): number | null => {
    try {
      return (JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { readonly pid: number }).pid;
    } catch {
      return null;
    }
  };
  const claimsOfLedger = (): readonly object[] => {
    const store = new DatabaseSync(path.join(project.stateFolder, 'store.sqlite'), { readOnly: true });
    try {
      const rows = store.prepare("select * from ledger_facts where kind = 'claim-began' order by sequence").all();
      const claims = rows.map((row) => {
        const { owner, holds } = JSON.parse(String(row['fact_json'])) as { owner: { service: string }; holds: object };
        return { service: owner.service, holds };
      });
      // One turn of the ledger can book both, in the order of their random names.
      return claims.toSorted((a, b) => byText(a.service, b.service));
    } finally {
      store.close();
    }
  };
});
