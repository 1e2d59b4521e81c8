import { afterEach, describe, expect, it } from 'vitest';
import type { SecretGrant } from '../../../../core/contract/secrets/secret-grant.ts';
import { FakeCluster } from '../../../../testing/fakes/servers/fake-cluster.ts';
import {
  closeAll,
  never,
  open,
  owner,
  putPod,
  set,
  spec,
} from '../../../../testing/fakes/servers/platform-on-fake-cluster.ts';
afterEach(closeAll);

const secrets = '/api/v1/namespaces/inference/secrets';
const granted: readonly SecretGrant[] = [{ service: owner.service, environment: null }];

/** As the API server tells of a Secret by its metadata alone. */
function putSecret(cluster: FakeCluster, valuesAt: string, labelsAt = valuesAt): void {
  cluster.put(secrets, {
    metadata: {
      name: 'hf',
      managedFields: [
        { manager: 'kubectl', operation: 'Update', time: valuesAt, fieldsV1: { 'f:data': { 'f:token': {} } } },
        { manager: 'labels', operation: 'Apply', time: labelsAt, fieldsV1: { 'f:metadata': { 'f:labels': {} } } },
      ],
    },
  });
}

describe('a Secret whose value a pod has as a variable', () => {
  const reasonIn = async (
    cluster: FakeCluster,
    reference = 'secret/hf#token',
    grants: readonly SecretGrant[] = granted,
  ): Promise<string | undefined> => {
    const { platform, pass } = open(cluster, { secretGrants: () => grants });
    const workload = { ...spec(1).workload, secrets: { HF_TOKEN: reference } };
    await platform.apply(owner, [spec(1, { workload })], never).catch(() => undefined);
    if (grants.length > 0) putPod(cluster, `${set}-7d4f-x`);
    for (let look = 0; look < 3; look += 1) {
      await platform.observe(owner, never);
      await pass(11_000);
    }
    return (await platform.observe(owner, never))[0]?.outdated;
  };

  // Pods are made at 22:13:20.
  it.each([
    ['before the pod', '2023-11-14T22:13:19Z', undefined],
    ['in its second', '2023-11-14T22:13:20Z', undefined],
    ['after it', '2023-11-14T22:13:21Z', 'the Secret of HF_TOKEN was written since its start'],
  ])('written %s', async (_when, valuesAt, outdated) => {
    const cluster = new FakeCluster();
    putSecret(cluster, valuesAt);
    expect(await reasonIn(cluster)).toBe(outdated);
  });

  it('with other labels has no other value', async () => {
    const cluster = new FakeCluster();
    putSecret(cluster, '2023-11-14T22:13:19Z', '2023-11-15T00:00:00Z');
    expect(await reasonIn(cluster)).toBeUndefined();
  });

  it('that a pod has as a file is the kubelet’s to renew, and is not asked for', async () => {
    const cluster = new FakeCluster();
    putSecret(cluster, '2023-11-15T00:00:00Z');
    expect(await reasonIn(cluster, 'secret-file/hf#token')).toBeUndefined();
    expect(cluster.calls.join('\n')).not.toContain(secrets);
  });

  it('that is not granted is not asked for', async () => {
    const cluster = new FakeCluster();
    putSecret(cluster, '2023-11-15T00:00:00Z');
    await reasonIn(cluster, 'secret/hf#token', []);
    expect(cluster.calls.join('\n')).not.toContain(secrets);
  });

  it('without the right to read it nothing is known, and it is asked for once a minute', async () => {
    const cluster = new FakeCluster();
    putSecret(cluster, '2023-11-15T00:00:00Z');
    cluster.failures.push({ matches: /GET .*\/secrets\/hf/, status: 403, times: 100 });
    expect(await reasonIn(cluster)).toBeUndefined();
    expect(cluster.calls.filter((call) => call.includes(secrets))).toHaveLength(1);
  });
});
