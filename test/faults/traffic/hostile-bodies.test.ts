import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestServer } from '../../../src/testing/rigs/control-plane-server.ts';
import type { Server } from '../../../src/control-plane/http/http-parts.ts';

let server: Server;
let url: string;
beforeAll(async () => {
  server = await openTestServer();
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

it('honest requests are answered while eight connections send nested JSON of 4 MiB', async () => {
  const body = `{"code":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`;
  let done = false;
  const statuses = new Set<number>();
  const hostile = Array.from({ length: 8 }, async () => {
    while (!done) {
      const headers = { 'content-type': 'application/json' };
      // Refused before it is whole, the connection may close while it is sent.
      const answer = await fetch(`${url}/v1/session`, { method: 'POST', headers, body }).catch(() => null);
      if (answer !== null) statuses.add(answer.status);
    }
  });
  let answered = 0;
  for (let each = 0; each < 24; each += 1) {
    const answer = await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.status === 200) answered += 1;
  }
  done = true;
  await Promise.all(hostile);
  expect(answered).toBe(24);
  expect([...statuses].filter((status) => status !== 413)).toEqual([]);
}, 60_000);
