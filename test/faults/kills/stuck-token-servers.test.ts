import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: speaker
code: { command: [node, hanging-server.ts], files: [hanging-server.ts], protocol: openai }
model: { name: speaker, version: candidate }
scaling: { replicas: { min: 1, max: 1 } }
rollout: { stuckAfter: 3s }
`;
const server = path.join(import.meta.dirname, '../../servers/openai', 'hanging-server.ts');
let project: UserProject;
let hungPid: number | null = null;

afterEach(async () => {
  if (hungPid !== null) killQuietly(hungPid, 'SIGKILL');
  await project.stop();
  project.remove();
});

it.each([
  ['is stopped as a process', 'SIGSTOP'],
  ['answers its health path and generates nothing', 'SIGUSR2'],
] as const)('a server of tokens that %s leaves traffic and is replaced', async (_what, signal) => {
  const files = { 'plimsoll.yaml': contract, 'hanging-server.ts': readFileSync(server), 'words.bin': 'a hull' };
  project = new UserProject({ files });
  await project.passing('model', 'add', 'words.bin', '--name', 'speaker', '--alias', 'candidate');
  await project.passing('pin');
  await project.up();
  await project.passing('release', '--waive', 'golden', '--reason', 'a protocol without tensors', '--until', '7d');
  expect(await readStream()).toContain('"completion_tokens":2');
  const [before] = (await project.view()).replicas;
  hungPid = before?.pid ?? NaN;
  process.kill(hungPid, signal);
  await until('it left traffic', async () => (await project.events('replica.stuck')).length > 0);
  await until('another serves', async () =>
    (await project.view()).replicas.some(
      (each) => each.admitted && each.state === 'ready' && each.replicaId !== before?.replicaId,
    ),
  );
  expect(await readStream()).toContain('"completion_tokens":2');
  const stuck = await project.events('replica.stuck');
  expect(stuck.map(({ data }) => data['replicaId'])).toEqual([before?.replicaId]);
  const lastLines = signal === 'SIGUSR2' ? expect.arrayContaining([expect.stringContaining('collective')]) : [];
  expect(stuck[0]?.data['evidence']).toMatchObject({ lastLines });
});

async function readStream(): Promise<string> {
  const messages = [{ role: 'user', content: 'speak' }];
  const answer = await fetch(`${project.gatewayUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'speaker', messages, stream: true, stream_options: { include_usage: true } }),
    signal: AbortSignal.timeout(60_000),
  });
  return answer.text();
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`not within two minutes: ${what}`);
    await delay(250);
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
