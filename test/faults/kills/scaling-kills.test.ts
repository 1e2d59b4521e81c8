import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { programsOf } from '../../../src/adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../../src/adapters/processes/process-table/this-machine.ts';
import type { ScalingAnswer, ServiceView } from '../../../src/schemas/view/view.ts';
import { repositoryFolder, UserProject } from '../../user-project.ts';
import { report } from '../../rigs/seeded.ts';
import { killNow } from '../../rigs/running-up.ts';

const server = path.join(repositoryFolder, 'src/testing/rigs/programs/paced-server.ts');
/** One replica takes 40 requests a second and four seconds to start. */
const contract = `apiVersion: plimsoll.dev/v1
service: paced
code:
  command: ["${process.execPath}", --disable-warning=ExperimentalWarning, "${server}", --curve, "slots:4,100ms", --start, 4s]
model: { name: paced, version: candidate }
objective: { latency: { p90: 500ms }, horizon: 2s }
scaling: { replicas: { min: 1, max: 4 } }
`;

let project: UserProject;
let traffic: Traffic | null = null;
afterEach(async () => {
  await traffic?.end();
  traffic = null;
  expect(await project.stop()).toMatchObject({ left: 0 });
  project.remove();
});

/** Requests at a rate, whatever becomes of those before; a minute and a half at the most. */
class Traffic {
  readonly statuses = new Map<number | string, number>();
  readonly #url: string;
  readonly #ending = new AbortController();
  readonly #sending: Promise<void>;
  readonly #under: Promise<void>[] = [];
  ratePerSecond: number;

  constructor(gatewayUrl: string, ratePerSecond: number) {
    this.#url = `${gatewayUrl}/v2/models/paced/infer`;
    this.ratePerSecond = ratePerSecond;
    this.#sending = this.#send();
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#sending;
    await Promise.all(this.#under);
  }

  async #send(): Promise<void> {
    let dueMs = performance.now();
    const giveUpMs = dueMs + 90_000;
    while (!this.#ending.signal.aborted && dueMs < giveUpMs) {
      this.#under.push(this.#one());
      dueMs += 1_000 / this.ratePerSecond;
      await delay(Math.max(0, dueMs - performance.now()));
    }
  }

  async #one(): Promise<void> {
    const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] }] });
    const outcome = await fetch(this.#url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    }).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      (thrown: unknown) => String(thrown),
    );
    this.statuses.set(outcome, (this.statuses.get(outcome) ?? 0) + 1);
  }
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const giveUpMs = performance.now() + 90_000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > giveUpMs)
      throw new Error(`${what} did not come about:\n${(await project.plimsoll('history')).stdout}`);
    await delay(50);
  }
}

const seen = (holds: (view: ServiceView) => boolean) => async (): Promise<ServiceView | null> => {
  const view = await project.view().catch(() => null);
  return view !== null && holds(view) ? view : null;
};
const ready = ({ replicas }: ServiceView): number =>
  replicas.filter(({ state, admitted }) => state === 'ready' && admitted).length;
const pids = ({ replicas }: ServiceView): readonly (number | null)[] => replicas.map(({ pid }) => pid);

it('keeps the number over kill -9 of the control plane while replicas start, and goes on from there', async () => {
  project = new UserProject({ files: { 'plimsoll.yaml': contract, 'model.bin': 'nothing is computed' } });
  await project.passing('model', 'add', 'model.bin', '--name', 'paced', '--alias', 'candidate');
  await project.passing('pin');
  // On a busy machine throughput is too noisy for a verdict that passes; the rate is there.
  const { status, stderr } = await project.plimsoll('capacity', '--seconds', '1', '--concurrency', '4');
  expect([0, 3], stderr).toContain(status);
  const waiver = ['--reason', 'the simulator says nothing here', '--until', '2099-01-01', '--no-wait'];
  await project.passing('release', '--waive', 'capacity', '--waive', 'scaling', '--waive', 'golden', ...waiver);
  await project.up();
  await until(
    'the first replica serves',
    seen((view) => ready(view) === 1 && view.scaling?.held === null),
  );

  traffic = new Traffic(project.gatewayUrl, 50);
  const before = await until(
    'more replicas are ordered, and start',
    seen(
      (view) =>
        (view.scaling?.ordered ?? 0) >= 2 && view.replicas.length === view.scaling?.ordered && ready(view) === 1,
    ),
  );
  const [controlPlane] = programsOf(project.stateFolder, 'control-plane', makeProcessTable());
  await killNow(controlPlane?.pid ?? 0);
  const after = await until(
    'another control plane knows its replicas',
    seen((view) => view.replicas.length > 0),
  );
  expect(after.scaling?.ordered).toBeGreaterThanOrEqual(before.scaling?.ordered ?? Infinity);
  const served = await until(
    'what was ordered serves',
    seen((view) => ready(view) >= (before.scaling?.ordered ?? Infinity)),
  );
  expect(pids(served)).toEqual(expect.arrayContaining([...pids(before)]));

  traffic.ratePerSecond = 110;
  await until(
    'it goes to the maximum',
    seen((view) => ready(view) === 4),
  );
  await traffic.end();
  expect([...traffic.statuses.keys()]).toEqual([200]);

  const answer = await fetch(`${project.pageUrl}/v1/scaling`);
  const { decisions } = (await answer.json()) as ScalingAnswer;
  const counts = decisions.map(({ desired }) => desired);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(new Set(decisions.map(({ policy }) => policy.name))).toEqual(new Set(['plimsoll']));
  expect(await project.passing('scale', 'explain', '--last', '20')).toMatch(/identical/);
  report(
    `scaling ${counts.join(' -> ')} over kill -9 of the control plane: ${traffic.statuses.get(200)} answered, none failed`,
  );
});
