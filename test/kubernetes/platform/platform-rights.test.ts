import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { neededRights, requireRights } from '../../../src/adapters/kubernetes/platform/needed-rights.ts';
import { metadataOnly } from '../../../src/adapters/kubernetes/platform/seen/secret-changes.ts';
import { readSecretChange } from '../../../src/protocols/kubernetes-objects/secret-change.ts';
import { demandApi } from '../cluster/api.ts';
import { describeInCluster } from '../in-cluster.ts';
import { makeNamespace, makeSpec, never, openWorld, owner, readRole } from './platform-world.ts';

const without = (resource: string, verb: string) => ({
  ...readRole(),
  rules: readRole()
    .rules.map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((each) => each !== verb || !rule.resources.includes(resource)),
    }))
    .filter(({ verbs }) => verbs.length > 0),
});

describeInCluster('the rights of the platform', (place, image) => {
  it('are those of the Role', async () => {
    const { client, namespace } = await makeNamespace(place);
    await requireRights(client, namespace, never);
  });

  it.each(neededRights.flatMap(({ resource, verbs }) => verbs.map((verb) => [verb, resource] as const)))(
    'are named when %s %s is missing',
    async (verb, resource) => {
      const { client, namespace } = await makeNamespace(place, without(resource, verb));
      await expect(requireRights(client, namespace, never)).rejects.toMatchObject({
        code: 'cluster-forbidden',
        message: expect.stringMatching(new RegExp(`may not ${verb} ${resource}\\S* in the namespace`)) as string,
      });
    },
  );

  it.each([
    ['list', 'pods', /may not list pods in the namespace/],
    ['watch', 'deployments', /may not watch deployments\.apps in the namespace/],
    ['patch', 'deployments', /may not patch deployments\.apps in the namespace/],
    ['create', 'deployments', /may not create deployments\.apps in the namespace/],
  ])('that lack %s %s refuse what needs it, with its name', async (verb, resource, message) => {
    const world = await openWorld(place, image(), { role: without(resource, verb) });
    const limit = AbortSignal.timeout(20_000);
    const failing = async (): Promise<void> => {
      for (;;) await world.platform.apply(owner, [makeSpec({ kind: 'never-ready' }, 1)], limit);
    };
    await expect(failing()).rejects.toMatchObject({
      code: 'cluster-forbidden',
      message: expect.stringMatching(message) as string,
    });
    await world.close();
  });

  it('to get a Secret tell when its values were written, and show no value', async () => {
    const rule = { apiGroups: [''], resources: ['secrets'], resourceNames: ['hf'], verbs: ['get'] };
    const { client, namespace } = await makeNamespace(place, { ...readRole(), rules: [...readRole().rules, rule] });
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const token = (text: string): object => ({ data: { token: Buffer.from(text).toString('base64') } });
    const read = async (name = 'hf'): Promise<{ readonly changedAtMs: number; readonly text: string }> => {
      const call = { method: 'GET', path: `${secrets}/${name}`, accept: metadataOnly, signal: never } as const;
      const { body, text } = await client.call(call);
      return { changedAtMs: readSecretChange(body) ?? 0, text };
    };
    /** Managed fields have times of whole seconds. */
    const patchLater = async (change: object, manager: string): Promise<void> => {
      await delay(1_100);
      const at = `${secrets}/hf?fieldManager=${manager}`;
      await demandApi(place, 'PATCH', at, change, 'application/merge-patch+json');
    };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hf' }, ...token('first-value') };
    await demandApi(place, 'POST', `${secrets}?fieldManager=writer`, secret);
    const first = await read();
    expect(first.changedAtMs).toBeGreaterThan(0);
    expect(first.text).not.toContain(Buffer.from('first-value').toString('base64'));
    await patchLater({ metadata: { labels: { team: 'a' } } }, 'labels');
    await patchLater(token('first-value'), 'writer');
    expect((await read()).changedAtMs).toBe(first.changedAtMs);
    await patchLater(token('second-value'), 'writer');
    expect((await read()).changedAtMs).toBeGreaterThan(first.changedAtMs);
    await expect(read('another')).rejects.toMatchObject({ code: 'cluster-forbidden' });
  });
});
