import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';

let rig: ControlPlaneRig;
let sent: AlertMessage[];
let send: () => Promise<void>;
beforeEach(() => {
  [rig, sent, send] = [new ControlPlaneRig(), [], async () => undefined];
  rig.alerts = {
    sender: { send: (_target, message) => (sent.push(message), send()) },
    targets: async () => [{ kind: 'slack', address: 'https://slack.example/secret-path' }],
  };
});
afterEach(() => rig.stop());

const releaseTwice = async (): Promise<void> => {
  for (const model of [1, 2]) {
    await rig.operations().release(await aReleaseRequest(rig.blobs, model, {}));
    await rig.pass(10_000);
  }
};
const summaries = (): readonly string[] => sent.flatMap(({ alerts }) => alerts.map(({ key }) => key));

it('a control plane tells of a rollback, and its successor does not tell again', async () => {
  await rig.start();
  await releaseTwice();
  expect(summaries()).toEqual([]);
  await rig.operations().rollback({ service, environment, axis: 'model', reason: 'bad' });
  await rig.pass(1_000);
  await rig.crash();
  await rig.start('host:boot:2:2');
  await rig.pass(10_000);
  expect(summaries()).toEqual(['release/rolled-back']);
});

it('a target that hangs delays no turn, and a target that fails for long is a problem of the health', async () => {
  await rig.start();
  await releaseTwice();
  send = () => new Promise(() => undefined);
  await rig.operations().rollback({ service, environment, axis: 'model', reason: 'bad' });
  await rig.pass(8_000);
  expect(sent).toHaveLength(1);
  expect(rig.service.health().lastReconciledAgoMs).toBeLessThan(2_000);
  send = () =>
    Promise.reject(new PlimsollError({ code: 'notify-failed', category: 'unavailable', message: 'away', next: 'x' }));
  await rig.pass(620_000);
  const health = rig.service.health();
  expect(health.problems).toEqual([expect.stringMatching(/^alerts do not reach slack slack\.example/)]);
  expect(health).toMatchObject({ controlPlane: true });
});

it('sends a test message for whoever may operate, and for nobody else', async () => {
  await rig.start();
  const server = await rig.server();
  const ask = async (authorization: string) => {
    const answer = await server.inject({
      ...{ method: 'POST', url: '/v1/notify/test', payload: { service, environment } },
      headers: { authorization, 'content-type': 'application/json' },
    });
    return { status: answer.statusCode, body: answer.json() as object };
  };
  expect(await ask('Bearer plm_none')).toMatchObject({ status: 401 });
  expect(sent).toEqual([]);
  expect(await rig.operations().testNotify({ service, environment })).toEqual([
    { target: 'slack slack.example', isSent: true, problem: null, next: null },
  ]);
  expect(sent).toMatchObject([{ isTest: true }]);
  await server.close();
});
