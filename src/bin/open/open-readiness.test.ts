import { expect, it } from 'vitest';
import { openReadiness } from './open-readiness.ts';

const { signal } = new AbortController();

it('a control plane is ready once it says so, to whoever asks and whatever is sent', async () => {
  const readiness = await openReadiness({ host: '127.0.0.1', port: 0 }, signal);
  const ask = (init: RequestInit = {}): Promise<number> =>
    fetch(readiness.url ?? '', init).then(({ status }) => status);
  expect(await ask()).toBe(503);
  readiness.isReady = true;
  expect(await ask()).toBe(200);
  expect(await ask({ method: 'POST', body: 'x'.repeat(1_000_000) })).toBe(200);
  readiness.isReady = false;
  expect(await ask()).toBe(503);
  await readiness.close();
  await expect(ask()).rejects.toThrow();
});

it('a control plane is live until it takes no turn for a minute, though its port takes connections', async () => {
  const readiness = await openReadiness({ host: '127.0.0.1', port: 0 }, signal);
  const ask = (): Promise<number> => fetch(`${readiness.url}/live`).then(({ status }) => status);
  expect(await ask()).toBe(200);
  readiness.turnAgeMs = () => 1_000;
  expect(await ask()).toBe(200);
  readiness.turnAgeMs = () => 61_000;
  expect(await ask()).toBe(503);
  await readiness.close();
});

it('without an address nobody can ask', async () => {
  const readiness = await openReadiness(null, signal);
  expect(readiness.url).toBeNull();
  await readiness.close();
});
