import { expect, it } from 'vitest';
import { neededRights, requireRights } from '../../src/adapters/kubernetes/platform/needed-rights.ts';
import { describeInCluster } from './in-cluster.ts';
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
});
