/** A release that was asked for while no control plane ran: judged by the next one, once, also when that one is killed. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
rollout: { keepPrevious: 1h }
`;
const kills = 3;
let project: UserProject;

beforeAll(async () => {
  const golden = `${JSON.stringify({ x: rowOf(1) })}\n`;
  project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'model.onnx': tinyModel(1).bytes, 'golden.jsonl': golden },
  });
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
}, 120_000);
afterAll(async () => {
  expect((await project.stop()).left).toBe(0);
  project.remove();
});

const events = async (
  kind: string,
): Promise<readonly { readonly by: string; readonly data: { readonly release?: number } }[]> =>
  JSON.parse(await project.passing('history', '--kind', kind, '--json')).events;

/** Of the control plane that runs now; null while none does. */
function controlPlanePid(): number | null {
  const file = path.join(project.stateFolder, 'run/control-plane.json');
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).pid as number) : null;
  } catch {
    return null;
  }
}

/** Kills control planes somewhere in their first turns, and waits until one that lives has decided. */
async function upUnderKills(decision: 'release.live' | 'release.refused'): Promise<void> {
  await project.up();
  for (let kill = 0; kill < kills; kill += 1) {
    await delay(kill * 150);
    const pid = controlPlanePid();
    if (pid !== null) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
    await expect.poll(() => [null, pid].includes(controlPlanePid()), { timeout: 60_000 }).toBe(false);
  }
  const giveUpMs = performance.now() + 120_000;
  while ((await project.events(decision)).length === 0) {
    if (performance.now() > giveUpMs) throw new Error(`not decided:\n${await project.passing('history')}`);
    await delay(200);
  }
}

it('is judged and numbered once', { timeout: 240_000 }, async () => {
  expect(await project.passing('release')).toContain('release requested');
  expect(await events('release.created')).toEqual([]);
  await upUnderKills('release.live');
  expect(await events('release.requested')).toHaveLength(1);
  expect((await events('release.created')).map(({ data }) => data.release)).toEqual([1]);
  expect((await project.view()).releases.map(({ number, state }) => [number, state])).toEqual([[1, 'live']]);
});

it('is refused once where its evidence does not hold', { timeout: 240_000 }, async () => {
  await project.stop();
  const lock = project.read('plimsoll.lock');
  project.write('plimsoll.lock', lock.replaceAll('"reproducedCases": 1', '"reproducedCases": 0'));
  expect(await project.passing('release')).toContain('release requested');
  await upUnderKills('release.refused');
  await delay(3_000);
  expect(await events('release.refused')).toHaveLength(1);
  expect((await project.view()).releases).toHaveLength(1);
});
