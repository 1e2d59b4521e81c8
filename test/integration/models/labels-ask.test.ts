/** Labels that were asked for, from captured requests to the estimate, across a kill of the control plane. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { initializer, writeOnnx } from '../../../src/testing/builders/files/onnx-writer.ts';
import type { AskedLabels, LabelsStatus } from '../../../src/schemas/http/monitoring/http-labels.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: pair
code: { command: [plimsoll, serve-model] }
model: { name: pair, version: candidate }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
monitoring: { golden: pair-golden, capture: { sample: 100% }, falseAlarms: 1 per 30d, labels: { from: api, within: 1h } }
`;
const soon = { timeout: 30_000, interval: 200 };
let project: UserProject;

/** The scores of two classes are the two inputs. */
function pairModel(): Uint8Array {
  return writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', 2] }],
    outputs: [{ name: 'logits', datatype: 'FP32', shape: ['n', 2] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['logits'] }],
    initializers: [initializer('w', 'FP32', [2, 2], Float32Array.of(1, 0, 0, 1))],
  });
}

beforeAll(async () => {
  const golden = `${JSON.stringify({ x: [1, 0] })}\n`;
  project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'model.onnx': pairModel(), 'golden.jsonl': golden },
  });
  await project.passing('model', 'add', 'model.onnx', '--name', 'pair', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'pair-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  await project.up();
  await project.passing('release');
}, 120_000);
afterAll(async () => {
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

async function send(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 1) {
    const x = { name: 'x', shape: [1, 2], datatype: 'FP32', data: [((at * 7) % 11) - 5, 0] };
    const answer = await fetch(`${project.gatewayUrl}/v2/models/pair/infer`, {
      method: 'POST',
      headers: { 'x-request-id': `id-${at}` },
      body: JSON.stringify({ inputs: [x] }),
    });
    expect(answer.status, await answer.text()).toBe(200);
  }
}
const status = async (): Promise<LabelsStatus> => JSON.parse(await project.passing('labels', 'status', '--json'));
/** For polls; null while the control plane does not answer. */
const readLabels = async (): Promise<LabelsStatus | null> => {
  const answer = await fetch(`${project.pageUrl}/v1/labels`).catch(() => null);
  return answer?.ok === true ? ((await answer.json()) as LabelsStatus) : null;
};
const predictions = async (): Promise<number> => (await readLabels())?.open.predictions ?? 0;
const ask = async (...words: readonly string[]): Promise<AskedLabels> =>
  JSON.parse(await project.passing('labels', 'ask', ...words, '--json'));
const idsOf = ({ requests }: AskedLabels): readonly string[] => requests.map(({ requestId }) => requestId);
async function answer(name: string, asked: AskedLabels, isWrong: (index: number) => boolean): Promise<void> {
  const rows = idsOf(asked).map((requestId, at) => JSON.stringify({ requestId, right: !isWrong(at) }));
  project.write(`${name}.jsonl`, `${rows.join('\n')}\n`);
  await project.passing('labels', 'add', `${name}.jsonl`);
}

it('asks are refused by name where nothing is there to ask, or the number is none', async () => {
  for (const count of ['0', '-1', '1.5', 'many', '1e3', '100000']) {
    const { status: exit, stderr } = await project.plimsoll(
      'labels',
      'ask',
      ...(count === '-1' ? ['--', count] : [count]),
    );
    expect([count, exit, stderr]).toEqual([count, 2, expect.stringContaining('the number of requests is from 1 to')]);
  }
  const name = await project.plimsoll('labels', 'ask', '3', '--id', '../x');
  expect([name.status, name.stderr]).toEqual([2, expect.stringContaining('--id is of letters')]);
  const nothing = await project.plimsoll('labels', 'ask', '3');
  expect(nothing.status).not.toBe(0);
  expect(nothing.stderr).toMatch(/no captured request of the last day|no labels are judged yet/);
});

it('twenty requests are chosen, answered across a kill, and say what the risk is', async () => {
  await send(0, 150);
  await expect.poll(predictions, soon).toBe(150);
  const asked = await ask('20', '--id', 'monday');
  // Two draws on one request come about once in 16 asks of this size; five of them in none of a million.
  expect(asked).toMatchObject({ askId: 'monday', rows: 150, bets: true, draws: 20 });
  expect(new Set(idsOf(asked)).size).toBe(idsOf(asked).length);
  expect(idsOf(asked).length).toBeGreaterThan(15);
  expect(asked.requests.every(({ propensityShare }) => propensityShare >= (0.75 * 20) / 150 - 1e-9)).toBe(true);
  const { pid } = JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await expect.poll(predictions, soon).toBe(150);
  expect(await ask('20', '--id', 'monday')).toEqual(asked);
  expect(await ask('7', '--id', 'monday')).toEqual(asked);

  await answer('monday', asked, (index) => index % 4 === 0);
  await expect.poll(async () => (await readLabels())?.report?.asked ?? null, soon).not.toBeNull();
  const { report } = await status();
  expect(report?.asked).toMatchObject({ asks: 1, rows: 150, chosen: 20, labelled: 20 });
  const live = report?.asked?.metrics[0]?.live;
  expect(live?.low).toBeLessThanOrEqual(0.25);
  expect(live?.high).toBeGreaterThanOrEqual(0.25);
  // Labels by themselves are not pooled with them: none of the predictions is mature.
  expect(report?.rows.mature).toBe(0);
  expect(await project.passing('labels', 'status')).toMatch(
    /^asked +20 of 20 labels came, in 1 asks over 150 requests$/m,
  );
  expect((await ask('20', '--id', 'monday')).requests.every(({ isLabelled }) => isLabelled)).toBe(true);
});

it('two asks at once choose no request twice, and each request has one chance', async () => {
  const none = await project.plimsoll('labels', 'ask', '5');
  expect(none.stderr).toContain('no request was captured since the last ask, monday');
  await send(150, 200);
  await expect.poll(predictions, soon).toBe(200);
  const both = await Promise.all(['a', 'b'].map((id) => project.plimsoll('labels', 'ask', '10', '--id', id, '--json')));
  const made = both.filter(({ status: exit }) => exit === 0);
  expect(made).toHaveLength(1);
  const [taken] = made.map(({ stdout }) => JSON.parse(stdout) as AskedLabels);
  expect(taken?.rows).toBe(50);
  expect(idsOf(taken!).every((id) => Number(id.slice(3)) >= 150)).toBe(true);
  await answer('second', taken!, () => false);
  await expect.poll(async () => (await readLabels())?.report?.asked?.asks, soon).toBe(2);
  expect((await status()).report?.asked).toMatchObject({ rows: 200, chosen: 30, labelled: 30 });
});
