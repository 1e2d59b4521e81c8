import { afterEach, expect, it } from 'vitest';
import { demandApi } from '../cluster/api.ts';
import { realNode, realNodeLabel } from '../cluster/place.ts';
import { describeInCluster } from '../in-cluster.ts';
import {
  areReady,
  makeSpec,
  never,
  openWorld,
  owner,
  programCommand,
  putLargeImage,
  untilReplicas,
  type PlatformWorld,
  type WorldOptions,
} from './platform-world.ts';

describeInCluster('starts on a real kubelet', (place, image) => {
  let world: PlatformWorld;
  const open = async (options: WorldOptions = {}): Promise<PlatformWorld> =>
    (world = await openWorld(place, image(), options));
  const nowhere = `${'0'.repeat(64)}`;
  afterEach(() => world.close());

  it('run as `restricted` asks, and tell node, address and phases', async () => {
    const { platform } = await open();
    await platform.apply(owner, [makeSpec({ kind: 'ready', afterMs: 1_500 }, 1)], never);
    const [replica] = await untilReplicas(platform, areReady(1));
    expect(replica).toMatchObject({ node: realNode, release: 1, restarts: 0 });
    expect(replica?.endpoint).toMatch(/^http:\/\/10\.88\.0\.\d+:8080$/);
    const given = (await (await fetch(`${replica?.endpoint}/given`)).json()) as { env: Record<string, string> };
    expect(given.env).toMatchObject({
      PLIMSOLL_REPLICA_ID: replica?.replicaId,
      PLIMSOLL_HOST: new URL(replica?.endpoint ?? '').hostname,
      PLIMSOLL_PORT: '8080',
      PLIMSOLL_ENVIRONMENT: 'test',
    });
  });

  it('have the pull with its bytes, and phases that add up to the whole', async () => {
    const large = (await putLargeImage(place, 40_000_000)).replace('/', '/slow-15000000/');
    const { platform } = await open({ manifest: { own: { image: large, command: programCommand } } });
    await platform.apply(owner, [makeSpec({ kind: 'ready', afterMs: 2_000 }, 1)], never);
    await untilReplicas(platform, ([first]) => /the node real1 pulls its image/.test(first?.reason ?? ''));
    const [replica] = await untilReplicas(platform, areReady(1));
    expect(replica?.reason).toMatch(
      /^ready .* s after its pod was made \(image of \d+ MB pulled in .* s, .* s with waiting\)$/,
    );
    const phases = replica?.phases ?? [];
    const pull = phases.find((phase) => phase.phases.includes('image-pull'));
    expect(pull?.durationMs).toBeGreaterThan(2_500);
    const wholeMs = (replica?.readyAtMs ?? 0) - (replica?.startedAtMs ?? 0);
    const sumMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(Math.abs(sumMs - wholeMs)).toBeLessThanOrEqual(wholeMs * 0.05);
    expect(phases.every(({ durationMs }) => durationMs > 0)).toBe(true);
  });

  it('have the phases that the replica reports itself', async () => {
    const { platform } = await open();
    const spec = makeSpec({ kind: 'ready' }, 1);
    const reported = [
      { phases: ['weights-load'], startMs: 100, durationMs: 700 },
      { phases: ['warm-up'], startMs: 800, durationMs: 300 },
    ];
    const script = JSON.stringify({ readyAfterMs: 1_200, phases: reported });
    await platform.apply(owner, [{ ...spec, workload: { ...spec.workload, command: ['plimsoll', script] } }], never);
    const [replica] = await untilReplicas(platform, areReady(1));
    const names = replica?.phases.flatMap(({ phases }) => phases);
    expect(names).toEqual(expect.arrayContaining(['process-start', 'weights-load', 'warm-up']));
    expect(replica?.phases.find(({ phases }) => phases.includes('warm-up'))?.durationMs).toBe(300);
  });

  it('that crash say the last lines that they wrote', async () => {
    const { platform } = await open();
    const spec = makeSpec({ kind: 'ready' }, 1);
    const workload = { ...spec.workload, command: ['plimsoll', 'this is no script'] };
    await platform.apply(owner, [{ ...spec, workload }], never);
    const [replica] = await untilReplicas(platform, ([first]) => first?.state === 'failed');
    expect(replica?.reason).toMatch(/^exit status \d+ after .*: ".+( \| .+)+"; next start/);
  });

  it('that no node has room for are pending with the reason', async () => {
    const { platform } = await open({
      placement: { nodeSelector: realNodeLabel, resources: { limits: { 'nvidia.com/gpu': '1' } } },
    });
    await platform.apply(owner, [makeSpec({ kind: 'ready' }, 1)], never);
    const [replica] = await untilReplicas(platform, ([first]) => first?.reason.includes('no node has room') === true);
    expect(replica).toMatchObject({ state: 'pending', endpoint: null });
    expect(replica?.reason).toContain('Insufficient nvidia.com/gpu');
  });

  it('of a runtime class that the cluster lacks are refused with its name, and run by it once it is there', async () => {
    const runtimeClassName = `class-${Date.now()}`;
    const { platform } = await open({ placement: { nodeSelector: realNodeLabel, runtimeClassName } });
    await platform.apply(owner, [makeSpec({ kind: 'ready' }, 1)], never);
    const [refused] = await untilReplicas(platform, ([first]) => first?.state === 'failed');
    expect(refused?.reason).toContain(`RuntimeClass "${runtimeClassName}" not found`);
    const classes = '/apis/node.k8s.io/v1/runtimeclasses';
    const metadata = { name: runtimeClassName };
    await demandApi(place, 'POST', classes, {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata,
      handler: 'runc',
    });
    try {
      await untilReplicas(platform, areReady(1));
    } finally {
      await demandApi(place, 'DELETE', `${classes}/${runtimeClassName}`);
    }
  });

  it('of an image that is not there fail with what the registry says', async () => {
    const { platform } = await open({
      manifest: { own: { image: `127.0.0.1:17500/absent@sha256:${nowhere}`, command: ['x'] } },
    });
    await platform.apply(owner, [makeSpec({ kind: 'ready' }, 1)], never);
    const [replica] = await untilReplicas(platform, ([first]) => first?.state === 'failed');
    expect(replica?.reason).toMatch(/its image cannot be pulled: .*not found/);
  });

  it('of a Secret that is not there fail, and of one that is there get its value', async () => {
    const { platform, namespace } = await open({
      manifest: { secretGrants: () => [{ service: 'digits', environment: null }] },
    });
    const spec = makeSpec({ kind: 'ready' }, 1);
    await platform.apply(
      owner,
      [{ ...spec, workload: { ...spec.workload, secrets: { TOKEN: 'secret/hub#token' } } }],
      never,
    );
    const [failed] = await untilReplicas(platform, ([first]) => first?.state === 'failed');
    expect(failed?.reason).toContain('secret "hub" not found');
    await demandApi(place, 'POST', `/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hub' },
      stringData: { token: 'hidden' },
    });
    const [replica] = await untilReplicas(platform, areReady(1));
    const given = (await (await fetch(`${replica?.endpoint}/given`)).json()) as { env: Record<string, string> };
    expect(given.env['TOKEN']).toBe('hidden');
  });

  it('beyond a quota are refused with what the quota says, and those within it run', async () => {
    const { platform, namespace } = await open();
    await demandApi(place, 'POST', `/api/v1/namespaces/${namespace}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small' },
      spec: { hard: { pods: '1' } },
    });
    await platform.apply(owner, [makeSpec({ kind: 'ready' }, 2)], never);
    const replicas = await untilReplicas(
      platform,
      (seen) => seen.some(({ state }) => state === 'ready') && seen.some(({ state }) => state === 'failed'),
    );
    expect(replicas.find(({ state }) => state === 'failed')?.reason).toMatch(/exceeded quota: small/);
  });

  it('write lines that can be read, also of the container before', async () => {
    const { platform } = await open();
    const spec = makeSpec({ kind: 'ready' }, 1);
    const script = JSON.stringify({ stdout: 'hello', exit: { afterMs: 3_000, status: 9 } });
    await platform.apply(owner, [{ ...spec, workload: { ...spec.workload, command: ['plimsoll', script] } }], never);
    const [first] = await untilReplicas(platform, areReady(1));
    const lines = await platform.logs(first?.replicaId ?? '', 10, never);
    expect(lines[0]).toBe('hello');
    expect(await platform.logs(first?.replicaId ?? '', 1, never)).toEqual([lines.at(-1)]);
    await untilReplicas(platform, ([again]) => (again?.restarts ?? 0) === 1);
    expect((await platform.logs(first?.replicaId ?? '', 10, never))[0]).toBe('hello');
  });
});
