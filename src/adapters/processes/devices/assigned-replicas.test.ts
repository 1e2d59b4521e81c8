import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSimulatedDevices } from '../../../core/pool/simulated-devices.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import { openLocalFixture, scriptedWorkload, type LocalFixture } from '../../../testing/rigs/local-platform-fixture.ts';
import type { LocalPlatform } from '../local-platform.ts';

const GiB = 2 ** 30;
const never = new AbortController().signal;

describe('replicas on a machine with one device in two MPS shares', () => {
  let fixture: LocalFixture;
  beforeEach(async () => {
    const devices = makeSimulatedDevices([
      { product: 'L4', count: 1, memoryBytes: 24 * GiB, sharing: 'mps', shares: 2 },
    ]);
    fixture = await openLocalFixture({ devices: () => Promise.resolve(devices) });
  });
  afterEach(() => fixture.close());

  const half = (more: Partial<Workload> = {}): Workload => scriptedWorkload({}, { sharing: ['mps'], ...more });
  const apply = (platform: LocalPlatform, service: string, replicas: number, workload = half()): Promise<void> =>
    platform.apply(
      { service, environment: 'test' },
      [
        {
          set: `${service}-test-aaaaaaaaaaaa`,
          pair: digestOf('pair'),
          release: 1,
          replicas,
          stopFirst: [],
          workload,
          drainTimeoutMs: 5_000,
          startTimeoutMs: 10_000,
        },
      ],
      never,
    );
  const seen = async (
    platform: LocalPlatform,
    service: string,
    holds: (replicas: readonly ObservedReplica[]) => boolean,
  ): Promise<readonly ObservedReplica[]> => {
    let replicas: readonly ObservedReplica[] = [];
    for (let step = 0; step < 900; step += 1) {
      replicas = await platform.observe({ service, environment: 'test' }, never);
      if (holds(replicas)) return replicas;
      await delay(20);
    }
    throw new Error(`did not come about; last seen: ${JSON.stringify(replicas)}`);
  };
  const ready = (count: number) => (replicas: readonly ObservedReplica[]) =>
    replicas.filter(({ state }) => state === 'ready').length === count;
  const partOf = ({ devices }: ObservedReplica) => devices?.devices?.map(({ uuid, share }) => `${uuid}::${share}`);
  const variablesOf = async ({ endpoint }: ObservedReplica): Promise<Record<string, string>> => {
    const { env } = (await (await fetch(`${endpoint}/given`)).json()) as { env: Record<string, string> };
    return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('CUDA_')));
  };

  it('of two services land on it, and are told their share', async () => {
    const { platform } = fixture;
    await Promise.all([apply(platform, 'chat', 1), apply(platform, 'embed', 1)]);
    const replicas = [...(await seen(platform, 'chat', ready(1))), ...(await seen(platform, 'embed', ready(1)))];
    expect(replicas.flatMap(partOf).sort()).toEqual(['simulated-0::0', 'simulated-0::1']);
    for (const replica of replicas) {
      expect(replica.devices).toMatchObject({ toldBy: 'platform', devices: [{ memoryBytes: 12 * GiB }] });
      expect(await variablesOf(replica)).toEqual({
        CUDA_VISIBLE_DEVICES: 'simulated-0',
        CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: '50',
        CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: '0=12288M',
      });
    }
  });

  it('wait with a reason while it is full, and start when a share is free', async () => {
    const { platform } = fixture;
    await apply(platform, 'chat', 2);
    await seen(platform, 'chat', ready(2));
    await apply(platform, 'embed', 1);
    const [waiting] = await seen(platform, 'embed', ([first]) => first?.reason.startsWith('waits') === true);
    expect(waiting).toMatchObject({
      state: 'pending',
      reason: 'waits for a device: no device of the pool has half free: 2 of 2 are held',
      devices: { toldBy: 'platform', devices: [] },
      restarts: 0,
    });
    await apply(platform, 'chat', 1);
    const [started] = await seen(platform, 'embed', ready(1));
    expect(started?.replicaId).toBe(waiting?.replicaId);
  });

  it('that wait are let go at once', async () => {
    const { platform } = fixture;
    await apply(platform, 'chat', 3);
    await seen(platform, 'chat', (replicas) => replicas.some(({ reason }) => reason.startsWith('waits')));
    await apply(platform, 'chat', 2);
    await seen(platform, 'chat', (replicas) => replicas.length === 2 && ready(2)(replicas));
  });

  it('keep their share when a control plane is killed, and the next one gives it to nobody else', async () => {
    await apply(fixture.platform, 'chat', 1);
    const [before] = await seen(fixture.platform, 'chat', ready(1));
    // Of the old control plane only the records are left; the new one has not adopted `chat` when `embed` asks.
    const next = (await fixture.reopen()) as LocalPlatform;
    await apply(next, 'embed', 2);
    const replicas = await seen(next, 'embed', ready(1));
    expect(replicas.filter(({ state }) => state === 'ready').flatMap(partOf)).toEqual(['simulated-0::1']);
    await seen(next, 'embed', (all) => all.some(({ reason }) => reason.startsWith('waits')));
    await apply(next, 'chat', 1);
    const [after] = await seen(next, 'chat', ready(1));
    expect([after?.replicaId, after?.devices]).toEqual([before?.replicaId, before?.devices]);
    await apply(next, 'chat', 0);
    await seen(next, 'embed', ready(2));
  });

  it('that no device can ever hold fail with the reason', async () => {
    await apply(fixture.platform, 'chat', 1, half({ deviceMemoryBytes: 20 * GiB }));
    const [failed] = await seen(fixture.platform, 'chat', ([first]) => first?.state === 'failed');
    expect(failed?.reason).toContain(
      'not started: a part of a device has at most 12.0 GiB, and hardware.memory asks for 20.0 GiB',
    );
    await apply(fixture.platform, 'embed', 1, scriptedWorkload({}));
    const [exclusive] = await seen(fixture.platform, 'embed', ([first]) => first?.state === 'failed');
    expect(exclusive?.reason).toContain('handed out by mps, and hardware.sharing tolerates exclusive');
  });

  it('that ask for no device are assigned none', async () => {
    await apply(fixture.platform, 'chat', 1, half({ devices: 0 }));
    const [replica] = await seen(fixture.platform, 'chat', ready(1));
    expect(replica).not.toHaveProperty('devices');
  });
});
