import { afterEach, expect, test } from 'vitest';
import { ask, makeTable, startGateway, startUpstream, until } from '../testing/rigs/gateway-rig.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

test.each([86_400_000, -86_400_000])(
  'tells the same of a request that waits after its clock stepped by %d ms, and does not end it',
  async (stepMs) => {
    let answer = (): void => undefined;
    let isAsked = false;
    const upstream = await startUpstream((_req, res) => {
      answer = () => void res.end('late');
      isAsked = true;
    });
    const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
    running.push(rig, upstream);
    const progress = () => rig.gateway.report().replicas[0]?.progress;
    const asked = ask(rig.url, { body: '{}' });
    await until(() => isAsked && progress()?.waiting === 1);
    rig.clock.stepTimeOfDay(stepMs);
    expect(progress()).toMatchObject({ waiting: 1, givenUp: 0, finished: 0 });
    expect(progress()?.oldestMs).toBeLessThan(60_000);
    answer();
    expect((await asked).status).toBe(200);
    await until(() => progress()?.finished === 1);
    expect(progress()?.longestMs).toBeLessThan(60_000);
  },
);
