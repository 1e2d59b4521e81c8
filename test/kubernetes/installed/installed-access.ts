import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demandApi } from '../cluster/api.ts';
import { writeKubeconfig } from '../cluster/control-plane.ts';
import type { ClusterPlace } from '../cluster/place.ts';
import { run, until, type Ran } from './installation-world.ts';
import type { Installed } from './installed-releases.ts';

type Rule = Readonly<Record<string, readonly string[]>>;

/** As docs/kubernetes.md lists them for people. */
const rights: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'], resourceNames: ['plimsoll-cli'] },
];
const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** Makes a service account, as a job of CI has one. @returns a token of it. */
export async function makeAccountToken(
  cluster: ClusterPlace,
  namespace: string,
  name: string,
  audience?: string,
): Promise<string> {
  const at = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await demandApi(cluster, 'POST', at, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const spec = audience === undefined ? {} : { audiences: [audience] };
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  return String((await demandApi(cluster, 'POST', `${at}/${name}/token`, request)).status.token);
}

/** Reaches the control plane by the kubeconfig of somebody who has the documented rights, or all but one of them. */
export function itIsReached(installed: () => Installed): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-reached-'));
  let person = '';
  const makePerson = async (name: string, rules: readonly Rule[]): Promise<string> => {
    const { cluster, namespace } = installed();
    const token = await makeAccountToken(cluster, namespace, name);
    const metadata = { name, namespace };
    const at = `${rbac}/namespaces/${namespace}`;
    await demandApi(cluster, 'POST', `${at}/roles`, { metadata, rules });
    await demandApi(cluster, 'POST', `${at}/rolebindings`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
    return writeKubeconfig(cluster, name, token);
  };
  const plimsoll = (kubeconfig: string, ...args: readonly string[]): Promise<Ran> =>
    run(process.execPath, [installed().program, ...args], '', { KUBECONFIG: kubeconfig, PLIMSOLL_SERVER: '' });
  beforeAll(async () => {
    person = await makePerson('person', rights);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is reached by a kubeconfig and a namespace, as kubectl reaches it', async () => {
    const { cluster, namespace } = installed();
    const plugin = path.join(folder, 'kubectl-plimsoll');
    writeFileSync(plugin, `#!/bin/sh\nexec '${process.execPath}' '${installed().program}' "$@"\n`);
    chmodSync(plugin, 0o755);
    const env = { KUBECONFIG: person, PATH: `${folder}:${process.env['PATH']}`, PLIMSOLL_SERVER: '' };
    const kubectl = path.join(cluster.binaries, 'kubectl');
    const { status, stdout, stderr } = await run(kubectl, ['plimsoll', '-n', namespace, 'status'], '', env);
    expect([status, stdout, stderr]).toEqual([0, expect.stringContaining('tiny in prod'), '']);
    const before = performance.now();
    const again = await plimsoll(person, 'status', '-n', namespace);
    // Traffic begins and goes on between the two, so that they differ in the requests that they count, and in nothing else.
    const withoutCounts = (text: string): string => text.replaceAll(/(Healthy: ).*/g, '$1');
    expect([again.status, withoutCounts(again.stdout)]).toEqual([0, withoutCounts(stdout)]);
    // Nothing that is left open keeps the command from its end.
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('records the account that was asked with', async () => {
    const { namespace } = installed();
    const file = path.join(folder, 'environment.yaml');
    writeFileSync(file, 'policy: { neverWaived: [hardware] }\n');
    const set = await plimsoll(person, 'environment', 'set', 'dev', '--file', file, '-n', namespace);
    expect(set).toMatchObject({ status: 0, stderr: '' });
    const shown = await plimsoll(person, 'environment', 'show', 'dev', '--json', '-n', namespace);
    expect(shown.stdout).toContain(`system:serviceaccount:${namespace}:plimsoll-cli`);
  });

  it.each([
    ['list', 'pods', 0],
    ['get and create', 'pods/portforward', 1],
    ['create', 'serviceaccounts/token', 2],
  ])('names the right that is missing: %s %s', async (verb, resource, at) => {
    const { namespace } = installed();
    const file = await makePerson(`without-${at}`, rights.toSpliced(at, 1));
    const { status, stderr } = await plimsoll(file, 'status', '-n', namespace);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`you may not ${verb} ${resource} in the namespace`)]);
  });

  it('says that there is nothing, that a context is not known, and that a token is of another audience', async () => {
    const { cluster, namespace } = installed();
    const elsewhere = await plimsoll(person, 'status', '--context', 'prodd', '-n', namespace);
    expect([elsewhere.status, elsewhere.stderr]).toEqual([2, expect.stringContaining('has no context prodd')]);
    const admin = path.join(cluster.folder, 'kubeconfigs', 'admin');
    const nothing = await plimsoll(admin, 'status', '-n', 'default');
    expect([nothing.status, nothing.stderr]).toEqual([2, expect.stringContaining('in the namespace default')]);
    const token = await makeAccountToken(cluster, namespace, 'of-the-api');
    const env = { KUBECONFIG: person, PLIMSOLL_SERVER: '', PLIMSOLL_TOKEN: token };
    const refused = await run(process.execPath, [installed().program, 'status', '-n', namespace], '', env);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('it is for the audience')]);
  });

  it('takes no token of an account while it may not ask for reviews, and says which right it lacks', async () => {
    const { cluster, namespace } = installed();
    const at = `${rbac}/clusterrolebindings`;
    const name = `plimsoll-${namespace}-token-reviews`;
    const { metadata: _metadata, ...binding } = await demandApi(cluster, 'GET', `${at}/${name}`);
    await demandApi(cluster, 'DELETE', `${at}/${name}`);
    await until('the right is gone', async () => {
      const { status, stderr } = await plimsoll(person, 'status', '-n', namespace);
      return status === 3 && stderr.includes('may not create tokenreviews.authentication.k8s.io');
    });
    await demandApi(cluster, 'POST', at, { ...binding, metadata: { name } });
    await until('it is back', async () => (await plimsoll(person, 'status', '-n', namespace)).status === 0);
  });
}
