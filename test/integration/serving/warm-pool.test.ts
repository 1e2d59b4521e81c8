/** Two services of one control plane that share the spares of their environment. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import type { FleetSpares, FleetView } from '../../../src/schemas/view/fleet-view.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

const model = tinyModel(1);
const golden = [1, 2, 3].map((row) => `${JSON.stringify({ x: rowOf(row) })}\n`).join('');
const contract = (name: string): string => `apiVersion: plimsoll.dev/v1
service: ${name}
code: { command: [plimsoll, serve-model] }
model: { name: ${name}-model, version: candidate }
monitoring: { golden: ${name}-golden }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
`;
const names = ['alpha', 'beta'] as const;
const patient = { timeout: 200_000, interval: 100 };

describe('the warm pool of an environment', { timeout: 600_000 }, () => {
  let project: UserProject;
  beforeAll(async () => {
    project = new UserProject({
      files: Object.fromEntries(
        names.flatMap((name) => [
          [`${name}/plimsoll.yaml`, contract(name)],
          [`${name}/model.onnx`, model.bytes],
          [`${name}/golden.jsonl`, golden],
        ]),
      ),
    });
    project.write('environment.yaml', 'warmPool: 2\n');
    await project.up(...names);
    for (const name of names) {
      const at = ['--contract', `${name}/plimsoll.yaml`];
      const file = `${name}/model.onnx`;
      await project.passing('model', 'add', file, '--name', `${name}-model`, '--alias', 'candidate', ...at);
      await project.passing('data', 'add', `${name}/golden.jsonl`, '--name', `${name}-golden`, ...at);
      await project.passing('pin', ...at);
      await project.passing('golden', 'record', ...at);
      expect(await project.passing('release', ...at)).toContain('release 1 is live');
    }
  }, 600_000);
  afterAll(async () => {
    await project.stop();
    project.remove();
  });

  const ask = async <T>(route: string): Promise<T> => (await fetch(`${project.pageUrl}${route}`)).json() as Promise<T>;
  const spares = async (): Promise<FleetSpares | null> => (await ask<FleetView>('/v1/fleet')).spares?.[0] ?? null;
  const serving = async (service: string) => {
    const { replicas } = await ask<ServiceView>(`/v1/view?service=${service}`);
    return replicas.find(({ admitted, state }) => admitted && state === 'ready') ?? null;
  };
  const readyEvents = async (service: string): Promise<readonly Ready[]> =>
    (await ask<StoredEvent[]>(`/v1/events?service=${service}&limit=1000`)).flatMap((event) =>
      event.kind === 'replica.ready' ? [event.data as Ready] : [],
    );
  const startedIn = ({ readyAtMs, startedAtMs }: Ready): number => readyAtMs - startedAtMs;

  it('keeps what the record asks for, gives it to whichever service starts, and replaces it', async () => {
    const state = ['--contract', 'alpha/plimsoll.yaml'];
    expect(await project.passing('environment', 'set', 'default', '--file', 'environment.yaml', ...state)).toContain(
      'warmPool: 2',
    );
    await expect.poll(async () => (await spares())?.free, patient).toBe(2);
    expect(await spares()).toMatchObject({ services: ['alpha', 'beta'], wanted: 2, taken: 0 });
    const times: string[] = [];
    for (const [index, name] of names.entries()) {
      const before = await serving(name);
      process.kill(before?.pid ?? 0, 'SIGKILL');
      await expect
        .poll(async () => (await serving(name))?.replicaId ?? before?.replicaId, patient)
        .not.toBe(before?.replicaId);
      const [cold, warm] = await readyEvents(name);
      expect(cold?.spare).toBeUndefined();
      expect(warm?.spare).toMatch(/^spare-/);
      expect(warm?.phases.flatMap(({ phases }) => phases)).not.toContain('process-start');
      if (cold !== undefined && warm !== undefined)
        times.push(`${name}: ${startedIn(cold)} ms without a spare, ${startedIn(warm)} ms with one`);
      await expect.poll(async () => await spares(), patient).toMatchObject({ free: 2, taken: index + 1 });
    }
    // Told, and held against nothing: the machine may be busy.
    console.log(`warm pool: ${times.join('; ')}`);
    await project.passing('environment', 'clear', 'default', 'warmPool', ...state);
    await expect.poll(async () => await spares(), patient).toBeNull();
    expect(await project.stop()).toEqual({ status: 0, left: 0 });
  });
});

interface Ready {
  readonly startedAtMs: number;
  readonly readyAtMs: number;
  readonly spare?: string;
  readonly phases: readonly { readonly phases: readonly string[] }[];
}
