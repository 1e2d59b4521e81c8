import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { answerReadiness } from '../../core/readiness/answers.ts';
import { aGatewayReport } from '../../testing/builders/gateway-reports.ts';
import { buildNode } from '../../testing/builders/pools/pool-builders.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { readShownProof } from '../judging/release-proof.ts';
import { ServiceAccounts } from '../ledger/accounts/service-accounts.ts';
import { readPoolBooks } from '../ledger/prices/read-pool-books.ts';
import { makeCostSource } from './cost-source.ts';
import { makeLiveJudgements } from './live-judgements.ts';

let rig: ControlPlaneRig;
let accounts: ServiceAccounts;
let sent: AlertMessage[];
const proof = () => readShownProof(testJudging(rig.blobs).shelf, rig.store, service, environment);

beforeEach(() => {
  [rig, sent] = [new ControlPlaneRig(), []];
  rig.node = buildNode('fake', { cpu: { architecture: 'x64', model: 'EPYC', cores: 4, features: null }, devices: [] });
  rig.alerts = {
    sender: { send: async (_target, message) => void sent.push(message) },
    targets: async () => [{ kind: 'slack', address: 'https://slack.example/x' }],
  };
  open();
});
afterEach(() => rig.stop());

/** As a control plane begins: nothing is read yet. */
function open(): void {
  const [store, bundles] = [rig.store, testJudging(rig.blobs)];
  accounts = new ServiceAccounts({
    store,
    clock: rig.clock,
    books: async () => (await readPoolBooks({ store, bundles })).books,
  });
  rig.costs = makeCostSource(proof, accounts, rig.clock);
}

async function release(model: number, budget: string): Promise<void> {
  const text = 'currency: EUR\nsource: a list\ncores: [{ price: 0.04/h, from: 2000-01-01 }]\n';
  const prices = { path: 'prices.yaml', ...(await rig.blobs.put(Buffer.from(text))), role: 'prices' as const };
  const contract = { cost: { prices: 'prices.yaml', budget } };
  await rig
    .operations()
    .release(await aReleaseRequest(rig.blobs, model, { contract, files: (files) => [...files, prices] }));
}

/** Time in which a gateway reports that each replica is busy for a quarter. */
async function serve(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    const routed =
      rig.service.routing()?.splits.flatMap(({ replicas }) => replicas.map((each) => each.replicaId)) ?? [];
    const work = { answers: second * 2, busyMs: second * 250 };
    const replicas = routed.map((replicaId) => ({ replicaId, inFlight: 0, requests: 0, work }));
    rig.service.gatewayReported(aGatewayReport(rig.clock.nowMs(), {}, { replicas }));
    await rig.pass(5_000);
    // Reading the ledger lets others go first.
    await new Promise(setImmediate);
  }
}

const judgeNow = async () => {
  const { store, clock } = rig;
  const judging = testJudging(rig.blobs);
  const parts = { judging, store, clock, proof, accounts, services: async () => [], unpriced: () => undefined };
  const { evidence } = await makeLiveJudgements(parts).judge();
  const found = await proof();
  if (found === null || 'unknown' in found) throw new Error('nothing is shown');
  const question = answerReadiness(found.loaded.contract, evidence).at(-1);
  return { cost: evidence.find(({ kind }) => kind === 'cost'), question };
};

describe('cost of a live release', () => {
  it('answers the sixth question within minutes, with a budget that cannot be exceeded', async () => {
    await rig.start();
    await release(1, '4 EUR/day');
    await serve(5);
    expect((await judgeNow()).question?.answer).toBe('not-measured');
    await serve(100);
    const { cost, question } = await judgeNow();
    expect(cost).toMatchObject({ freshness: 'fresh', verdict: 'pass', judgedLive: true });
    expect(cost?.reasons).toEqual([
      expect.stringMatching(/^device time is attributed: serving \d+%, idle \d+% of /),
      'the most that the contract lets run costs 3.84 EUR in a day; the budget is 4.00 EUR a day',
    ]);
    expect(question).toMatchObject({ question: 'accelerator-seconds-attributed', answer: 'yes' });
    expect(await rig.events('cost.')).toEqual([]);
  });

  it('is an event, an invalidation and one alert where the budget breaks, also over a restart', async () => {
    await rig.start();
    await release(1, '0.0001 EUR/day');
    await serve(150);
    expect((await judgeNow()).cost).toMatchObject({
      verdict: 'fail',
      renew: expect.stringMatching(/^Lower `scaling.replicas.min`\. .*It saves at most .* EUR\) in 24 h/) as string,
    });
    expect(await rig.store.invalidations(service, environment)).toMatchObject([
      { kind: 'cost', reason: expect.stringContaining('today (UTC) cost 0.00') as string },
    ]);
    await rig.crash();
    open();
    await rig.start('host:boot:2:2');
    await serve(100);
    expect(await rig.events('cost.')).toEqual(['cost.broken']);
    expect(sent.flatMap(({ alerts }) => alerts.map(({ key, name }) => `${key} ${name}`))).toEqual([
      'cost/budget PlimsollBudgetBroken',
    ]);
  });
});
