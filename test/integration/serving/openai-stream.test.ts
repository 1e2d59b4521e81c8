import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pace } from '../../servers/openai/pace.ts';
import { UserProject } from '../../user-project.ts';

const words = ['a', 'line', 'on', 'the', 'hull'];

const contract = (paceUrl: string): string => `apiVersion: plimsoll.dev/v1
service: speaker
code:
  command: [node, server.ts]
  files: [server.ts]
  env: { PACE_URL: "${paceUrl}" }
  protocol: openai
model: { name: speaker, version: candidate }
`;

let pace: Pace;
let project: UserProject;

const complete = (stream: boolean, signal = AbortSignal.timeout(60_000)): Promise<Response> =>
  fetch(`${project.gatewayUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'speaker', messages: [{ role: 'user', content: 'speak' }], stream }),
    signal,
  });

beforeAll(async () => {
  pace = await Pace.open();
  project = new UserProject({
    files: {
      'plimsoll.yaml': contract(pace.url),
      'server.ts': readFileSync(path.join(import.meta.dirname, '../../servers/openai', 'server.ts')),
      'words.bin': words.join(' '),
    },
  });
});
afterAll(async () => {
  const stopped = await project.stop();
  project.remove();
  pace.close();
  expect(stopped).toEqual({ status: 0, left: 0 });
});

it('is released without golden outputs only by a waiver, which is shown wherever the release is', async () => {
  await project.passing('model', 'add', 'words.bin', '--name', 'speaker', '--alias', 'candidate');
  await project.passing('pin');
  await project.up();
  const refused = await project.plimsoll('release');
  expect(refused.stdout).toContain('the release has no pinned golden outputs');
  expect(refused.status).toBe(1);

  const released = await project.passing(
    ...['release', '--waive', 'golden', '--reason', 'a protocol without tensors', '--until', '7d'],
  );
  expect(released).toMatch(/waived: golden until \d{4}-\d{2}-\d{2} by \S+: a protocol without tensors/);
  expect(released).toContain('release 1 is live');
  expect(await project.passing('status')).toMatch(/live +1: .*waived: golden/);
  expect(await project.passing('history')).toMatch(/^1 +live .*waived: golden/m);
  const { releases, replicas } = await project.view();
  expect(releases).toMatchObject([{ number: 1, state: 'live', waived: ['golden'] }]);
  expect(replicas).toMatchObject([{ admitted: true, admission: expect.not.stringContaining('reproduced') as string }]);
});

it('answers whole, and says which release did', async () => {
  const answer = await complete(false);
  expect([answer.status, answer.headers.get('plimsoll-release')]).toEqual([200, '1']);
  expect(await answer.json()).toMatchObject({ model: 'speaker', choices: [{ message: { content: words.join(' ') } }] });
  expect((await fetch(`${project.gatewayUrl}/v2/models/speaker`)).status).toBe(404);
});

it('streams: each event is with the client before the server has the next one', async () => {
  const answer = await complete(true);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const events = eventsOf(answer);
  for (const word of words) {
    const asking = await pace.asked();
    expect(pace.isQuiet).toBe(true);
    asking.allow();
    expect(await nextWord(events)).toBe(word);
  }
  expect(await events.next()).toEqual({ done: false, value: 'data: [DONE]' });
  expect(await events.next()).toMatchObject({ done: true });
});

it('tells the server when the client has left, and serves the next one', async () => {
  const leaving = new AbortController();
  const events = eventsOf(await complete(true, leaving.signal));
  (await pace.asked()).allow();
  expect(await nextWord(events)).toBe(words[0]);
  const second = await pace.asked();
  leaving.abort();
  await second.withdrawn;
  await expect(events.next()).rejects.toThrow();
  expect((await complete(false)).status).toBe(200);
});

it('breaks a stream off when its server dies, rather than end it as if it were whole', async () => {
  const [replica] = (await project.view()).replicas;
  const events = eventsOf(await complete(true));
  (await pace.asked()).allow();
  expect(await nextWord(events)).toBe(words[0]);
  process.kill(replica?.pid ?? 0, 'SIGKILL');
  await expect(events.next()).rejects.toThrow();

  const answer = await complete(false);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('plimsoll-replica')).not.toBe(replica?.replicaId);
});

/** The events of a stream as they come, without their empty lines. */
async function* eventsOf(answer: Response): AsyncGenerator<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    yield* events;
  }
}

async function nextWord(events: AsyncGenerator<string>): Promise<string | undefined> {
  const { value } = await events.next();
  const chunk = JSON.parse(String(value).replace(/^data: /, '')) as {
    readonly choices: readonly { readonly delta: { readonly content: string } }[];
  };
  return chunk.choices[0]?.delta.content;
}
