import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { Image } from '../data/images.ts';
import { parseStartOptions } from './options.ts';
import { stepPrinter } from './step-printer.ts';
import { quantile, tally } from './tally.ts';
import { digitSender, sendGently, sendMany, type Outcome } from './traffic.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const images: Image[] = [3, 4, 5].map((label) => ({ label, pixels: Array.from({ length: 784 }, () => label / 10) }));

/** Answers with the digit that the first pixel stands for, or as `status` says. */
async function gateway(status = 200): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      paths.push(request.url ?? '');
      const digit = Math.round((JSON.parse(body) as { inputs: [{ data: number[] }] }).inputs[0].data[0]! * 10);
      const data = Array.from({ length: 10 }, (_, index) => (index === digit ? 0.9 : 0.01));
      response.writeHead(status, { 'plimsoll-release': '2', 'plimsoll-model-version': '2' });
      response.end(JSON.stringify({ outputs: [{ name: 'probabilities', shape: [1, 10], datatype: 'FP32', data }] }));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`, paths };
}

const never = new AbortController().signal;

test('digits go to the infer path and come back with release and correctness', async () => {
  const { url, paths } = await gateway();
  const sender = digitSender(url, 'digits', 2);
  const outcomes = await sendMany(sender, images, 7, 3, never);
  await sender.close();
  expect(new Set(paths)).toEqual(new Set(['/v2/models/digits/infer']));
  expect(tally(outcomes)).toMatchObject({ sent: 7, answered: 7, right: 7, errors: 0, releases: ['2'] });
});

test('a refusal and an unreachable gateway are outcomes with their reason', async () => {
  const { url } = await gateway(503);
  const sender = digitSender(url, 'digits', 1);
  expect(await sender.send(images[0]!)).toMatchObject({ ok: false, error: expect.stringContaining('503') as string });
  await sender.close();
  const nobody = digitSender('http://127.0.0.1:1', 'digits', 1);
  expect(await nobody.send(images[0]!)).toMatchObject({ ok: false });
  await nobody.close();
});

test('a gateway that never answers is sent a bounded number of digits at once', async () => {
  let started = 0;
  const stop = new AbortController();
  const release: (() => void)[] = [];
  const stuck = {
    send: () => {
      started += 1;
      if (started === 8) setTimeout(() => stop.abort(), 50);
      return new Promise<Outcome>((resolve) => release.push(() => resolve({ ok: false, error: 'stuck' })));
    },
    close: () => Promise.resolve(),
  };
  const outcomes: Outcome[] = [];
  const running = sendGently(stuck, images, 200, (outcome) => outcomes.push(outcome), stop.signal);
  stop.signal.addEventListener('abort', () => {
    for (const answer of release) answer();
  });
  await running;
  expect(started).toBe(8);
  expect(outcomes).toHaveLength(8);
});

test('quantiles are values that were measured', () => {
  const values = Array.from({ length: 1000 }, (_, index) => index + 1);
  expect(quantile(values, 0.5)).toBe(500);
  expect(quantile(values, 0.99)).toBe(990);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.5)).toBeNull();
});

test('options: what they mean, and a sentence for what they cannot mean', () => {
  expect(parseStartOptions(['--once', '--json', '--digits', '50'])).toMatchObject({
    once: true,
    json: true,
    digits: 50,
  });
  expect(parseStartOptions([])).toMatchObject({ once: false, perSecond: 5, listen: undefined });
  expect(() => parseStartOptions(['--json'])).toThrow('--json needs --once');
  expect(() => parseStartOptions(['--rate', 'fast'])).toThrow('--rate takes a number from 0.1 to 200, not `fast`');
  expect(() => parseStartOptions(['--twice'])).toThrow('--twice');
});

test('steps print their time and are kept for --json', async () => {
  let nowMs = 0;
  let written = '';
  const printer = stepPrinter(
    (line) => (written += line),
    () => nowMs,
  );
  await printer.step(
    'register',
    () => Promise.resolve((nowMs += 1234)),
    () => 'models and data registered',
  );
  expect(written).toBe('   1.2 s  models and data registered\n');
  expect(printer.phases).toEqual([{ name: 'register', durationMs: 1234 }]);
});
