/** A release that the judge alone brings in, and one that it takes back: real traffic, the real clock, and no command. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rolloutAnswerSchema, type RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { isTooLarge, memoryHungryModel, sameAnswersModel } from '../../memory-hungry-model.ts';
import { SteadyTraffic, type TrafficAnswer } from '../../steady-traffic.ts';
import { UserProject } from '../../user-project.ts';

/**
 * Evidence about latency comes by blocks of 5 s, and even a release that is as good as can be gains in each no more than its
 * quantile allows: at p50 half of the live answers are slower than the quantile and can count, at p10 nine tenths. Each
 * request waits 100 ms for others to share its batch, so that its latency is of the service's making, and not of whatever
 * else this machine does.
 */
const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model], args: [--max-delay, 100ms] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
rollout:
  steps: [50%, 100%]
  judge: { falseRollbacks: 30%, errors: 5%, latency: { p10: 100% }, atLeast: 20s, within: 5m }
`;

const reference = tinyModel(1);
const clients = 4;
const goldenRows = Array.from({ length: 12 }, (_, index) => rowOf(index)).filter((x) => !isTooLarge(x));
let project: UserProject;
let traffic: readonly SteadyTraffic[];
let sent = 0;
/** What was answered wrongly with status 200, which no release may. */
const wrong: string[] = [];

beforeAll(async () => {
  project = new UserProject({
    files: {
      'plimsoll.yaml': contract,
      'first.onnx': reference.bytes,
      'good.onnx': sameAnswersModel(),
      'hungry.onnx': memoryHungryModel(),
      'golden.jsonl': goldenRows.map((x) => `${JSON.stringify({ x })}\n`).join(''),
    },
  });
  await bringIn('first.onnx', async () => {
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  });
  await project.up();
  expect(await project.passing('release')).toContain('release 1 is live');
  traffic = Array.from({ length: clients }, () => new SteadyTraffic(send));
});
afterAll(async () => {
  await Promise.all((traffic ?? []).map((each) => each.end()));
  const stopped = await project.stop();
  project.remove();
  expect(stopped).toEqual({ status: 0, left: 0 });
});

async function send(): Promise<Response> {
  const x = rowOf((sent += 1));
  const answer = await fetch(`${project.gatewayUrl}/v2/models/tiny/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inferBody(x),
    signal: AbortSignal.timeout(30_000),
  });
  if (answer.status === 200) {
    const { outputs } = (await answer.clone().json()) as { readonly outputs: readonly { readonly data: number[] }[] };
    const data = JSON.stringify(outputs[0]?.data);
    if (data !== JSON.stringify(reference.answer(x))) wrong.push(`${x.join()} gave ${data}`);
  }
  return answer;
}

/** What a user types for another model file. */
async function bringIn(file: string, meanwhile?: () => Promise<void>): Promise<void> {
  await project.passing('model', 'add', file, '--name', 'tiny', '--alias', 'candidate');
  await meanwhile?.();
  await project.passing('pin');
  await project.passing('golden', 'record');
}

const take = (): readonly TrafficAnswer[] => traffic.flatMap((each) => each.take());
const of = (answers: readonly TrafficAnswer[], release: number): readonly TrafficAnswer[] =>
  answers.filter((answer) => answer.release === String(release));

async function eventsSince(seq: number): Promise<readonly StoredEvent[]> {
  const answer = await fetch(`${project.pageUrl}/v1/events?afterSeq=${seq}&limit=1000`);
  return (await answer.json()) as StoredEvent[];
}
const lastSeq = async (): Promise<number> => (await eventsSince(0)).at(-1)?.seq ?? 0;

async function evidenceOf(release: number): Promise<RolloutAnswer> {
  const answer = await fetch(`${project.pageUrl}/v1/rollout?release=${release}`);
  return rolloutAnswerSchema.parse(await answer.json());
}

/** Whatever a person would have done to a step leaves one of these. */
function expectNoHand(events: readonly StoredEvent[]): void {
  const byHand = events.filter(({ kind }) => /^rollout\.(paused|resumed|aborted)$|superseded|rollback/.test(kind));
  expect(byHand).toEqual([]);
  const steps = events.filter(({ kind }) => kind.startsWith('rollout.'));
  expect(new Set(steps.map(({ by }) => by))).toEqual(new Set(['control-plane']));
}

test(
  'an equally good version is promoted by the judge alone, by evidence that the events keep',
  { timeout: 330_000 },
  async () => {
    await bringIn('good.onnx');
    const before = await lastSeq();
    take();
    const startedMs = performance.now();
    const released = await project.passing('release');
    const tookMs = performance.now() - startedMs;
    expect(released).toContain('release 2 is live');
    const answers = take();
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(wrong).toEqual([]);

    const events = await eventsSince(before);
    expectNoHand(events);
    const kinds = events.map(({ kind }) => kind).filter((kind) => /^(rollout\.|release\.live)/.test(kind));
    expect(kinds).toEqual(['rollout.step-began', 'rollout.judged', 'rollout.promoted', 'release.live']);
    const judgement = {
      outcome: 'promote',
      metrics: [
        { metric: 'errors', outcome: 'promote', live: 0, canary: 0, margin: 0.05 },
        { metric: 'latency', outcome: 'promote', margin: 1 },
      ],
    };
    const promoted = events.find(({ kind }) => kind === 'rollout.promoted');
    expect(promoted?.data).toMatchObject({ release: 2, step: 0, next: null, judgement });
    expect(promoted?.summary).toMatch(/errors.* is proven .*latency p10.* is proven/);
    expect((await evidenceOf(2)).samples.at(-1)).toMatchObject({ release: 2, step: 0, judgement });
    const { deployment, bars } = await project.view();
    expect(deployment).toMatchObject({ live: 2, incoming: null, phase: 'live' });
    expect(bars).toEqual([]);

    const elapsedMs = (promoted?.data['judgement'] as { readonly elapsedMs: number }).elapsedMs;
    console.log(
      `canary: promoted by the judge after ${Math.round(elapsedMs / 1000)} s of the step, live ${Math.round(tookMs / 1000)} s ` +
        `after the command; ${of(answers, 1).length} live and ${of(answers, 2).length} canary answers, 0 failed; ${promoted?.summary}`,
    );
    // Half of what came in the step went to each side.
    expect(of(answers, 2).length).toBeGreaterThan(answers.length / 4);
  },
);

test(
  'a version that fails for part of the requests is taken back by the judge alone, and barred; what is live is unharmed',
  { timeout: 330_000 },
  async () => {
    // Two models have served: from here on the contract asks that the way back was walked.
    await project.passing('rollback', '--drill');
    expect((await project.view()).deployment?.phase).toBe('live');
    const live = (await project.view()).deployment?.live ?? 0;
    await bringIn('hungry.onnx');
    const before = await lastSeq();
    take();
    const startedMs = performance.now();
    const { status, stdout, stderr } = await project.plimsoll('release');
    const tookMs = performance.now() - startedMs;
    expect(stdout + stderr).toMatch(/release \d+ failed: errors.* is proven/);
    expect(status).toBe(1);

    const events = await eventsSince(before);
    expectNoHand(events);
    const failed = events.find(({ kind }) => kind === 'release.failed');
    const release = Number(failed?.data['release']);
    const kinds = events.map(({ kind }) => kind).filter((kind) => /^(rollout\.|release\.failed|bar\.)/.test(kind));
    expect(kinds).toEqual(['rollout.step-began', 'rollout.judged', 'release.failed', 'bar.added']);
    expect(failed).toMatchObject({ by: 'control-plane', data: { live, step: 0, judged: true } });
    expect(failed?.data['judgement']).toMatchObject({ outcome: 'roll-back', metrics: [{ outcome: 'roll-back' }, {}] });

    // The release that serves answered everything, before and after; of the canary exactly what it has no memory for failed.
    await delay(2_000);
    const answers = take();
    expect(of(answers, live).length).toBeGreaterThan(100);
    const failures = answers.filter((answer) => answer.status !== 200);
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures.map((answer) => `${answer.release} ${answer.status}`))).toEqual(
      new Set([`${release} 500`]),
    );
    expect(wrong).toEqual([]);
    await delay(1_000);
    const after = take();
    expect(after.length).toBeGreaterThan(0);
    expect(after.filter((answer) => answer.status !== 200 || answer.release !== String(live))).toEqual([]);

    const view = await project.view();
    expect(view.deployment).toMatchObject({ live, incoming: null, phase: 'failed' });
    expect(view.bars).toMatchObject([{ axis: 'model', by: 'control-plane' }]);
    expect(await project.passing('history')).toMatch(new RegExp(`^${release} +failed`, 'm'));
    const again = await project.plimsoll('release');
    expect(again.stdout + again.stderr).toMatch(
      /model [0-9a-f]{12} is barred since it was rolled back: .*errors.* is proven/,
    );
    expect(again.status).toBe(1);

    const elapsedMs = (failed?.data['judgement'] as { readonly elapsedMs: number }).elapsedMs;
    console.log(
      `canary: taken back by the judge after ${Math.round(elapsedMs / 1000)} s of the step, ${Math.round(tookMs / 1000)} s after the ` +
        `command; ${of(answers, live).length} live answers, 0 failed; ${failures.length} of ${of(answers, release).length} canary answers failed`,
    );
  },
);
