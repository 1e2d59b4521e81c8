import { expect, it } from 'vitest';
import type { TestedTarget } from '../../ports/monitoring/alert-sender.ts';
import { runTestNotify } from './watch-test-notify.ts';

const sent: TestedTarget = { target: 'slack hooks.slack.com', isSent: true, problem: null, next: null };
const refused: TestedTarget = { target: 'webhook a.example', isSent: false, problem: 'no', next: 'allow the server' };

const run = (targets: readonly TestedTarget[]) => {
  const context = {
    project: async () => ({ contract: async () => ({ contract: { service: 'digits' } }) }),
    environment: async () => 'prod',
    operations: async () => ({
      testNotify: async (asked: object) => {
        expect(asked).toEqual({ service: 'digits', environment: 'prod' });
        return targets;
      },
    }),
  };
  const input = { path: ['test-notify'], args: [], options: {}, json: false };
  return runTestNotify(context as unknown as Parameters<typeof runTestNotify>[0], input);
};

it.each([
  [[sent], 0, 'slack hooks.slack.com: sent'],
  [[sent, refused], 1, 'slack hooks.slack.com: sent\nwebhook a.example: not sent: no\nnext: allow the server'],
  [
    [],
    3,
    'the live release of digits in prod names no target: nobody is told of alerts\nnext: plimsoll explain monitoring.notify',
  ],
] as const)('of %j it exits with %i', async (targets, exit, text) => {
  expect(await run(targets)).toMatchObject({ exit, text, json: { targets } });
});
