/** The traffic of a rollout in steps through real processes: a gateway before two model servers of two versions. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RoutingTable } from '../../../src/core/rollout/routing/routing.ts';
import { stickyPlace, stickySalt } from '../../../src/core/rollout/routing/sticky-choice.ts';
import { makeTable } from '../../../src/testing/rigs/gateway-rig.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { inferBody, rowOf, tinyModel, type TinyModel } from '../../rigs/tiny-model.ts';
import { ToldGateway, type StepSum } from '../../told-gateway.ts';

const models = { 1: tinyModel(1), 2: tinyModel(2) } as const;
type Release = keyof typeof models;

interface Served {
  readonly child: ChildProcess;
  readonly endpoint: string;
}
let folder: string;
let served: Readonly<Record<Release, Served>>;
let gateway: ToldGateway;
let agent: Agent;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-canary-'));
  served = { 1: await serve(1, models[1]), 2: await serve(2, models[2]) };
  gateway = await ToldGateway.open();
  agent = new Agent({ connections: 16, pipelining: 1 });
});
afterAll(async () => {
  await agent.close();
  await gateway.close();
  for (const { child } of Object.values(served)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** `plimsoll serve-model`; resolves when it is ready. */
async function serve(release: Release, model: TinyModel): Promise<Served> {
  await writeFile(path.join(folder, `${release}.onnx`), model.bytes);
  const args = [ownProgram, 'serve-model', '--model', `tiny=${release}.onnx`, '--port', '0'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the model server ended with ${code}: ${said}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const port = /"port":(\d+)/.exec(said)?.[1];
      if (port !== undefined && said.includes('"ready"')) resolve({ child, endpoint: `http://127.0.0.1:${port}` });
    });
  });
}

interface Answer {
  readonly release: Release;
  readonly failure: string | null;
}

async function send(n: number, user?: string): Promise<Answer> {
  const x = rowOf(n);
  const headers = { 'content-type': 'application/json', ...(user === undefined ? {} : { 'x-user': user }) };
  const url = `${gateway.url}/v2/models/tiny/infer`;
  const answer = await request(url, { method: 'POST', headers, body: inferBody(x), dispatcher: agent });
  const text = await answer.body.text();
  const release = Number(answer.headers['plimsoll-release']) as Release;
  if (answer.statusCode !== 200) return { release, failure: `${answer.statusCode} ${text}` };
  const { outputs } = JSON.parse(text) as { readonly outputs: readonly { readonly data: readonly number[] }[] };
  const right = JSON.stringify(models[release].answer(x)) === JSON.stringify(outputs[0]?.data);
  return { release, failure: right ? null : `an answer that release ${release} does not give: ${text}` };
}

/** So many requests from 16 clients; none may fail, and each answer must be the one of the release that it names. */
async function sendAll(times: number, user: (n: number) => string | undefined = () => undefined): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < times) {
      const n = next;
      next += 1;
      answers[n] = await send(n, user(n));
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  expect(answers.filter(({ failure }) => failure !== null)).toEqual([]);
  return answers;
}
const of = (answers: readonly Answer[], release: Release): number =>
  answers.filter((answer) => answer.release === release).length;

let generation = 0;
function table(share: number, more: Partial<RoutingTable> = {}): RoutingTable {
  generation += 1;
  const splits = [
    { release: 1, modelVersion: 1, share: 1 - share, endpoints: [served[1].endpoint] },
    { release: 2, modelVersion: 2, share, endpoints: [served[2].endpoint] },
  ];
  const canary = { release: 2, against: 1, step: generation, startedAtMs: 1 };
  return makeTable(
    splits.filter((split) => split.share > 0),
    { service: 'tiny', model: 'tiny', generation, canary, ...more },
  );
}
const unitsIn = ({ units }: StepSum): number => Object.values(units).reduce((sum, each) => sum + each, 0);

test('5 of 95 hold over thousands of requests, and each is a unit of the release that answered it', async () => {
  await gateway.tell(table(0.05));
  const answers = await sendAll(4_000);
  expect(Math.abs(of(answers, 2) - 200)).toBeLessThanOrEqual(1);
  const counted = await gateway.countsOf(generation, (sum) => unitsIn(sum) >= 4_000);
  expect(counted).toMatchObject({ units: { 1: of(answers, 1), 2: of(answers, 2) }, errors: { 1: 0, 2: 0 } });
});

test('a key keeps its release, also while the share of the new one grows under its requests', async () => {
  const users = Array.from({ length: 300 }, (_, n) => `user-${n}`);
  const sticky = { stickyBy: { header: 'x-user' } };
  const before = table(0.05, sticky);
  await gateway.tell(before);
  const salt = stickySalt(before);
  const expected = (share: number): Release[] => users.map((user) => (stickyPlace(user, salt) < share ? 2 : 1));
  const first = await sendAll(3 * users.length, (n) => users[n % users.length]);
  const releases = (answers: readonly Answer[]): Release[] => answers.map(({ release }) => release);
  expect(releases(first)).toEqual([...expected(0.05), ...expected(0.05), ...expected(0.05)]);

  const during = sendAll(10 * users.length, (n) => users[n % users.length]);
  await gateway.tell(table(0.25, sticky));
  const moved = releases(await during);
  for (let user = 0; user < users.length; user += 1) {
    const seen = moved.filter((_, n) => n % users.length === user).join('');
    const [from, to] = [expected(0.05)[user], expected(0.25)[user]];
    // Once over, never back; who was on the new release stays.
    expect(seen, users[user]).toMatch(from === to ? new RegExp(`^${from}+$`) : /^1*2+$/);
  }
  const after = await sendAll(users.length, (n) => users[n]);
  expect(releases(after)).toEqual(expected(0.25));
});

test("answers of a shadow are compared and never returned, and its death is nobody else's", async () => {
  const shadow = {
    release: 2,
    modelVersion: 2,
    share: 0.5,
    replicas: [{ replicaId: 'shadow-1', endpoint: served[2].endpoint }],
  };
  const told = table(0, { shadow });
  await gateway.tell(told);
  const answers = await sendAll(400);
  expect(of(answers, 1)).toBe(400);
  const settled = ({ compared, reasons }: StepSum, count: number): boolean =>
    compared + Object.values(reasons).reduce((sum, each) => sum + each, 0) >= count;
  // Twice the scores: every choice stays where it was.
  const agreed = await gateway.countsOf(generation, (sum) => settled(sum, 200));
  expect(agreed.compared).toBeGreaterThan(0);
  expect(agreed.agreed).toBe(agreed.compared);

  const values = { rule: 'values', tolerance: { absolute: 1e-4, relative: 1e-3, argMax: true } } as const;
  await gateway.tell(table(0, { shadow: { ...shadow, agreement: values } }));
  await sendAll(200);
  const differs = await gateway.countsOf(generation, (sum) => settled(sum, 100));
  expect(differs.compared).toBeGreaterThan(0);
  expect(differs.agreed).toBeLessThan(differs.compared);

  const dying = sendAll(2_000);
  await gateway.countsOf(generation, (sum) => unitsIn(sum) > 400);
  served[2].child.kill('SIGKILL');
  expect(of(await dying, 1)).toBe(2_000);
  await sendAll(200);
  const left = await gateway.countsOf(generation, (sum) => (sum.units[1] ?? 0) >= 2_400 && settled(sum, 1_200));
  expect(left.errors[1]).toBe(0);
  expect((left.reasons['shadow-unreachable'] ?? 0) + (left.reasons['shadow-broke'] ?? 0)).toBeGreaterThan(0);
});
