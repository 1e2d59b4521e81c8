import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { ClientRules } from '../../core/access/shares/client-limits.ts';
import { Clients } from './clients.ts';

interface Asked {
  readonly headers: Record<string, string>;
  readonly socket: Socket;
}

function askFrom(address: string, headers: Record<string, string> = {}): Asked {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: address });
  return { headers, socket };
}

function clientsOf(rules: ClientRules, bounds = { knownAtMost: 3, overflowPlaces: 2 }): Clients {
  const clients = new Clients('0badcafe', bounds);
  clients.follow(rules);
  return clients;
}

test('a request is of its header, else of its key, else of its address', () => {
  const clients = clientsOf({ header: 'x-tenant' });
  const named = askFrom('192.0.2.1', { 'x-tenant': 'acme' });
  expect(clients.find(named, 'ci', 0).name).toBe('header acme');
  expect(clients.find(askFrom('192.0.2.1'), 'ci', 0).name).toBe('key ci');
  expect(clients.find(askFrom('::ffff:192.0.2.1'), null, 0).name).toBe('address 192.0.2.1');
  expect(clientsOf({}).find(named, null, 0).name).toBe('address 192.0.2.1');
});

test('one client is the same each time, and its limits follow the table while its use stays', () => {
  const clients = clientsOf({ each: { requestsPerSecond: 2 } });
  const client = clients.find(askFrom('192.0.2.1'), null, 0);
  expect([client.admit(0, 0), client.admit(0, 0)]).toEqual([null, null]);
  expect(client.admit(0, 0)).toEqual({ limit: 'requests', retryAfterMs: 500 });
  clients.follow({ each: { requestsPerSecond: 1 } });
  expect(clients.find(askFrom('192.0.2.1'), null, 0)).toBe(client);
  expect(client.admit(0, 100)?.limit).toBe('requests');
  expect(client.limitText({ limit: 'requests', retryAfterMs: 1 })).toBe('1 requests/s');
  clients.follow();
  expect(client.admit(0, 100)).toBeNull();
});

test('a named client has limits and a weight of its own, the rest from `each`, and a class in the metrics', () => {
  const clients = clientsOf({ each: { concurrent: 1 }, named: { batch: { weight: 4, requestsPerSecond: 1 } } });
  const batch = clients.find(askFrom('192.0.2.1'), 'batch', 0);
  expect(batch.weight).toBe(4);
  batch.open = 1;
  expect(batch.admit(0, 0)?.limit).toBe('concurrent');
  batch.open = 0;
  batch.admit(0, 0);
  expect(batch.admit(0, 0)?.limit).toBe('requests');
  clients.find(askFrom('192.0.2.9'), null, 0).admit(0, 0);
  expect(Array.from(clients.tallies.all, ([name, { admitted }]) => [name, admitted])).toEqual([
    ['batch', 1],
    ['others', 1],
  ]);
});

test('names of what every object has are names like others', () => {
  const clients = clientsOf({ header: 'x-tenant', named: { batch: { weight: 2 } } });
  expect(clients.find(askFrom('192.0.2.1', { 'x-tenant': '__proto__' }), null, 0).weight).toBe(1);
});

test('10,000 invented names share two places and take nobody away who came to stay', () => {
  const clients = clientsOf({ header: 'x-tenant', each: { requestsPerSecond: 10 } });
  const regular = askFrom('192.0.2.1', { 'x-tenant': 'regular' });
  const known = clients.find(regular, null, 0);
  known.admit(0, 0);
  known.admit(0, 6_000);
  const seen = new Set<string>();
  let limited = 0;
  for (let n = 0; n < 10_000; n += 1) {
    const one = clients.find(askFrom('192.0.2.2', { 'x-tenant': `invented-${n}` }), null, 7_000);
    seen.add(one.name);
    if (one.admit(0, 7_000) !== null) limited += 1;
  }
  // Three are known by name; what the two shared places let through is a second's worth each.
  expect(clients.knownCount).toBe(3);
  expect(seen.size).toBeLessThanOrEqual(2 + 2 + 8);
  expect(10_000 - limited).toBeLessThanOrEqual(2 + 8 + 2 * 10);
  expect(clients.find(regular, null, 7_000)).toBe(known);
});

test('a long value shares a place, so that memory is bounded by the number of clients', () => {
  const clients = clientsOf({ header: 'x-tenant' });
  expect(clients.find(askFrom('192.0.2.1', { 'x-tenant': 'x'.repeat(5_000) }), null, 0).name).toMatch(
    /^overflow [01]$/,
  );
});

test('who is idle and has nothing to earn back makes room', () => {
  const clients = clientsOf({ each: { requestsPerSecond: 1 } });
  for (const n of [1, 2, 3]) clients.find(askFrom(`192.0.2.${n}`), null, 0).admit(0, 0);
  expect(clients.find(askFrom('192.0.2.4'), null, 500).name).toMatch(/^overflow/);
  expect(clients.find(askFrom('192.0.2.4'), null, 1_500).name).toBe('address 192.0.2.4');
  expect(clients.knownCount).toBe(3);
});

test('a client that is named has room always', () => {
  const clients = clientsOf({ named: { batch: {} } }, { knownAtMost: 0, overflowPlaces: 1 });
  expect(clients.find(askFrom('192.0.2.1'), 'batch', 0).name).toBe('key batch');
});

test('bytes that nobody announced are paid back before the next request', () => {
  const clients = clientsOf({ each: { bytesPerSecond: 1_000 } });
  const client = clients.find(askFrom('192.0.2.1'), null, 0);
  expect(client.admit(400, 0)).toBeNull();
  client.charge(2_600, 0);
  expect(client.admit(0, 1_999)?.limit).toBe('bytes');
  expect(client.admit(0, 2_001)).toBeNull();
});
