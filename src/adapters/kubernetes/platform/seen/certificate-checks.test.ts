import { afterEach, describe, expect, it } from 'vitest';
import { makeTlsSecrets } from '../../../../core/contract/replica-tls.ts';
import type { Health } from '../../../../core/rollout/replica-health.ts';
import type { ProbedReplica } from '../../../../ports/serving/probe-over-tls.ts';
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
import { admittedCondition } from '../../manifests/labels.ts';
import { decideCheck } from './certificate-checks.ts';
afterEach(closeAll);

const yes: Health = { ready: true, reason: 'GET /v2/health/ready answered 200', timedOut: false, couldNotAsk: false };
const no: Health = { ...yes, ready: false, reason: 'its certificate has expired' };
const unable: Health = { ...no, reason: 'our key cannot be read', couldNotAsk: true };

describe('decideCheck', () => {
  const awaited = { trouble: 'its certificate is being verified', refusals: 0 };
  const ready = { trouble: null, refusals: 0 };
  it.each([
    ['a first yes', awaited, yes, ready],
    ['a first no', awaited, no, { trouble: 'not ready: its certificate has expired', refusals: 1 }],
    ['one no of one that is ready', ready, no, { trouble: null, refusals: 1 }],
    [
      'a second no',
      { trouble: null, refusals: 1 },
      no,
      { trouble: 'not ready: its certificate has expired', refusals: 2 },
    ],
    ['a yes between them', { trouble: null, refusals: 1 }, yes, ready],
    ['nobody could ask one that is ready', { trouble: null, refusals: 1 }, unable, { trouble: null, refusals: 1 }],
    [
      'nobody could ask another one',
      awaited,
      unable,
      { trouble: 'cannot look at it: our key cannot be read', refusals: 0 },
    ],
  ])('%s', (_what, before, health, after) => {
    expect(decideCheck(before, health)).toEqual(after);
  });
});

describe('a pod with a certificate', () => {
  const workload = { ...spec(1).workload, secrets: makeTlsSecrets('digits-tls') };
  const grants = { secretGrants: () => [{ service: owner.service, environment: null }] };

  function openAsked(cluster: FakeCluster) {
    const asked: ProbedReplica[] = [];
    const answers: { present: Health | Promise<Health> } = { present: yes };
    const opened = open(cluster, grants, {
      probeOverTls: (replica) => {
        asked.push(replica);
        return Promise.resolve(answers.present);
      },
    });
    const state = async (): Promise<string> => {
      const [replica] = await opened.platform.observe(owner, never);
      await opened.pass(6_000);
      return `${replica?.state}: ${replica?.reason}`;
    };
    return { ...opened, asked, answers, state };
  }

  it('is ready once the control plane verified it, and not with its probes alone', async () => {
    const cluster = new FakeCluster();
    const { platform, asked, answers, state } = openAsked(cluster);
    await platform.apply(owner, [spec(1, { workload })], never);
    putPod(cluster, `${set}-7d4f-x`);
    let answer: (health: Health) => void = () => undefined;
    answers.present = new Promise((resolve) => (answer = resolve));
    expect(await state()).toBe('starting: its certificate is being verified');
    expect(await state()).toBe('starting: its certificate is being verified');
    answer(yes);
    await state();
    expect(await state()).toMatch(/^ready: /);
    expect(asked[0]).toEqual({
      ...{ owner, endpoint: 'https://10.0.0.7:8080', protocol: workload.protocol, model: workload.model.name },
    });
    expect((await platform.observe(owner, never))[0]?.endpoint).toBe('https://10.0.0.7:8080');
  });

  it('is not ready with a wrong one, and is again after its renewal', async () => {
    const cluster = new FakeCluster();
    const { platform, answers, state } = openAsked(cluster);
    await platform.apply(owner, [spec(1, { workload })], never);
    putPod(cluster, `${set}-7d4f-x`);
    answers.present = no;
    await state();
    expect(await state()).toBe('starting: not ready: its certificate has expired');
    answers.present = yes;
    await state();
    expect(await state()).toMatch(/^ready: /);
    answers.present = no;
    await state();
    await state();
    expect(await state()).toBe('starting: not ready: its certificate has expired');
  });

  it('that an earlier control plane admitted is ready while nobody could ask', async () => {
    const cluster = new FakeCluster();
    const { platform, answers, state } = openAsked(cluster);
    answers.present = unable;
    await platform.apply(owner, [spec(1, { workload })], never);
    const conditions = [{ type: admittedCondition, status: 'True' }];
    putPod(cluster, `${set}-7d4f-x`, { conditions });
    expect(await state()).toMatch(/^ready: /);
    expect(await state()).toMatch(/^ready: /);
  });

  it('of plain HTTP is asked nothing', async () => {
    const cluster = new FakeCluster();
    const { platform, asked, state } = openAsked(cluster);
    await platform.apply(owner, [spec(1)], never);
    putPod(cluster, `${set}-7d4f-x`);
    expect(await state()).toMatch(/^ready: /);
    expect(asked).toEqual([]);
  });
});
