import { afterEach, expect, it } from 'vitest';
import { reactivePolicy } from '../../testing/builders/scaling/reactive-policy.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ScalingRig } from '../../testing/rigs/scaling/scaling-rig.ts';
import { makeHttpOperations } from './http-operations.ts';

const rig = new ScalingRig();
afterEach(() => rig.stop());

it('tells of scaling over HTTP what the control plane tells itself, whole', async () => {
  rig.policy = reactivePolicy(2);
  await rig.serve();
  await rig.traffic(6, 6);
  const server = await rig.server();
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  try {
    const remote = makeHttpOperations({ url, token: null, signal: new AbortController().signal });
    const own = rig.operations();
    const answer = await own.scaling({ service, environment });
    expect(answer.decisions).toHaveLength(2);
    expect(answer.scaling).toMatchObject({ desired: 3, signals: { inFlight: 6 } });
    expect(await remote.scaling({ service, environment })).toEqual(answer);
    expect((await remote.scaling({ service, environment, last: 1 })).decisions).toEqual(answer.decisions.slice(-1));
    expect((await remote.view(service, environment)).scaling).toEqual(answer.scaling);
    const seq = answer.decisions[1]?.seq ?? 0;
    expect(await remote.scalingDecision({ service, environment, seq })).toEqual(
      await own.scalingDecision({ service, environment, seq }),
    );
    await expect(remote.scalingDecision({ service, environment, seq: 9_999 })).rejects.toMatchObject({
      code: 'scaling-record-missing',
      category: 'not-found',
    });
    expect(await remote.arrivals({ service, environment })).toEqual(await own.arrivals({ service, environment }));
    const asked = { service, environment, growth: '5%/week', days: 70, nodesDown: 0 };
    const plan = await own.capacityPlan(asked);
    expect(plan.missing).not.toBeNull();
    expect(await remote.capacityPlan(asked)).toEqual(plan);
    const paths = ((await (await fetch(`${url}/openapi.json`)).json()) as { readonly paths: object }).paths;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/v1/scaling', '/v1/scaling/{seq}', '/v1/arrivals', '/v1/capacity/plan']),
    );
  } finally {
    await server.close();
  }
});
