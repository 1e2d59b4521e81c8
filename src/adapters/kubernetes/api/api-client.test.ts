import { expect, it } from 'vitest';
import { sendStatus, startScriptedApi } from '../../../testing/fakes/servers/kubernetes-api.ts';
import { loadKubeconfig } from '../kubeconfig.ts';
import { makeApiClient } from './api-client.ts';

it.each(['POST', 'PATCH', 'DELETE'] as const)('a %s states the length of its body', async (method) => {
  const seen: (readonly [string | undefined, string])[] = [];
  const api = await startScriptedApi({
    instead: (_url, response, request) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push([request.headers['content-length'], Buffer.concat(chunks).toString()]);
        response.end('{}');
      });
      return true;
    },
  });
  const client = makeApiClient(loadKubeconfig({ env: api.env }));
  const body = { preconditions: { uid: 'ü' } };
  const signal = AbortSignal.timeout(5_000);
  await client.call({ method, path: '/api/v1/namespaces/a/services/b', body, signal });
  await api.close();
  const text = JSON.stringify(body);
  expect(seen).toEqual([[String(Buffer.byteLength(text)), text]]);
});

it('what an admission policy refuses names the policy, and no right', async () => {
  const said =
    `deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'plimsoll-replicas' with binding 'plimsoll-replicas' ` +
    'denied request: no one cannot create resource "deployments" in API group "apps"';
  const api = await startScriptedApi({
    instead: (_url, response) => {
      sendStatus(response, 403, said, 'Forbidden');
      return true;
    },
  });
  const client = makeApiClient(loadKubeconfig({ env: api.env }));
  const path = '/apis/apps/v1/namespaces/n/deployments/d';
  const refused = client.call({ method: 'PATCH', path, body: {}, signal: AbortSignal.timeout(5_000) });
  await expect(refused).rejects.toMatchObject({
    code: 'cluster-refused',
    category: 'refused',
    message: expect.stringContaining(`the admission policy plimsoll-replicas of the cluster refuses ${path} (403)`),
    next: 'kubectl describe validatingadmissionpolicy plimsoll-replicas',
  });
  await api.close();
});
