import { describe, expect, it } from 'vitest';
import { connectionState, fleetSilentMs, goneMs, reconnectDelayMs, silentMs } from './connection.ts';
import { LiveFeed } from './live-feed.ts';
import { takeEvents } from './server-events.ts';

describe('the stream as text', () => {
  it('gives whole events only, however it is cut', () => {
    const text = ': ping\n\nevent: view\ndata: {"a":\ndata: 1}\n\nevent: signals\ndata: 2\n\nevent: event\nda';
    const events = [];
    let rest = { text: '' };
    for (const character of text) {
      const taken = takeEvents(rest, character);
      rest = taken.rest;
      events.push(...taken.events);
    }
    expect(events).toEqual([
      { event: 'view', data: '{"a":\n1}' },
      { event: 'signals', data: '2' },
    ]);
    expect(rest.text).toBe('event: event\nda');
  });
  it('refuses an event without an end', () => {
    expect(() => takeEvents({ text: '' }, 'data: '.padEnd(8_000_001, 'x'))).toThrow(/8000000/);
  });
});

describe('the connection', () => {
  const heard = { startedAtMs: 0, lastHeardAtMs: 1_000, streamOpen: true, silentMs, trouble: null };
  it.each([
    ['live while it speaks', heard, 1_000 + silentMs - 1, 'live'],
    ['reconnecting when an open stream falls silent', heard, 1_000 + silentMs, 'reconnecting'],
    ['live between its first answers and its stream', { ...heard, streamOpen: false }, 1_100, 'live'],
    ['reconnecting at once when it closes', { ...heard, streamOpen: false, trouble: 'closed' }, 1_100, 'reconnecting'],
    ['gone after a while', { ...heard, streamOpen: false, trouble: 'closed' }, 1_000 + goneMs, 'gone'],
    ['patient with a stream that may say nothing for longer', { ...heard, silentMs: fleetSilentMs }, 11_000, 'live'],
    ['connecting at first', { ...heard, lastHeardAtMs: null }, 100, 'connecting'],
    ['gone when nothing ever came', { ...heard, lastHeardAtMs: null }, silentMs, 'gone'],
  ] as const)('is %s', (_, state, nowMs, expected) => expect(connectionState(state, nowMs)).toBe(expected));
  it('tries again soon, and never less than every five seconds', () => {
    expect([0, 1, 2, 3, 4, 99].map(reconnectDelayMs)).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });
});

describe('the feed', () => {
  const view = { nowMs: 5_000, service: 'digits', model: '', releases: [], evidence: [] };
  const stream = (text: string): Response => new Response(new Blob([text]).stream());

  it('paints from the view and the events, then follows the stream, then says why it ended', async () => {
    const stop = new AbortController();
    const paths: string[] = [];
    const feed = new LiveFeed({
      nowMs: () => 1_000,
      sleep: () => {
        stop.abort();
        return Promise.resolve();
      },
      fetch: (path) => {
        paths.push(path);
        if (path === 'v1/view') return Promise.resolve(Response.json(view));
        if (path.startsWith('v1/events')) return Promise.resolve(Response.json([{ seq: 1, kind: 'release.live' }]));
        if (path.startsWith('v1/signals')) return Promise.resolve(Response.json([{ atMs: 3_000 }]));
        if (path === 'v1/pools') return Promise.resolve(Response.json([{ pool: 'h100-eu' }]));
        return Promise.resolve(stream('event: event\ndata: {"seq":2}\n\nevent: signals\ndata: {"atMs":4000}\n\n'));
      },
    });
    await feed.follow(stop.signal);
    expect([...paths].sort()).toEqual([
      'v1/drift',
      'v1/events?kindPrefix=release.&last=250',
      'v1/events?kindPrefix=replica.&last=250',
      'v1/events?kindPrefix=rollout.&last=250',
      'v1/events?last=200',
      'v1/models',
      'v1/pools',
      'v1/rollout',
      'v1/signals?last=600',
      'v1/stream',
      'v1/view',
    ]);
    expect(paths.at(-1)).toBe('v1/stream');
    expect(feed.snapshot()).toMatchObject({
      view,
      clockAheadMs: 4_000,
      lastHeardAtMs: 1_000,
      samples: [{ atMs: 3_000 }, { atMs: 4_000 }],
      pools: [{ pool: 'h100-eu' }],
      streamOpen: false,
      trouble: 'the control plane closed the stream',
    });
    expect(feed.snapshot().events.map(({ seq }) => seq)).toEqual([2, 1]);
  });

  it('asks for the pools again when the evidence of the hardware changes, and keeps them when that fails', async () => {
    const stop = new AbortController();
    const told = (freshness: string) =>
      `event: view\ndata: ${JSON.stringify({ nowMs: 0, releases: [], evidence: [{ kind: 'hardware', freshness }] })}\n\n`;
    let asked = 0;
    const feed = new LiveFeed({
      nowMs: () => 0,
      sleep: () => {
        stop.abort();
        return Promise.resolve();
      },
      fetch: (path) => {
        if (path === 'v1/view') return Promise.resolve(Response.json({ nowMs: 0, releases: [], evidence: [] }));
        if (path === 'v1/stream') {
          const chunks = ['fresh', 'fresh', 'stale'].map((freshness) => new TextEncoder().encode(told(freshness)));
          const body = new ReadableStream<Uint8Array>({
            pull(controller) {
              const chunk = chunks.shift();
              if (chunk === undefined) controller.close();
              else controller.enqueue(chunk);
            },
          });
          return Promise.resolve(new Response(body));
        }
        if (path !== 'v1/pools') return Promise.resolve(Response.json([]));
        asked += 1;
        if (asked === 3) return Promise.resolve(new Response('', { status: 503 }));
        return Promise.resolve(Response.json([{ pool: `asked ${asked}` }]));
      },
    });
    await feed.follow(stop.signal);
    expect(asked).toBe(3);
    expect(feed.snapshot().pools).toEqual([{ pool: 'asked 2' }]);
  });

  it('asks for what was decided once something scales, and takes later decisions from their events', async () => {
    const stop = new AbortController();
    const scaled = { nowMs: 0, releases: [], evidence: [], scaling: { desired: 2 } };
    const policy = { name: 'plimsoll', plimsollVersion: '0.1.0' };
    const decided = (seq: number): object => ({
      release: 1,
      policy,
      before: 1,
      desired: seq,
      ordered: seq,
      reason: 'more came',
      terms: {},
    });
    const event = { seq: 9, atMs: 5, kind: 'scaling.decided', data: decided(9) };
    let asked = 0;
    const feed = new LiveFeed({
      nowMs: () => 0,
      sleep: () => Promise.resolve(stop.abort()),
      fetch: (path) => {
        if (path === 'v1/view') return Promise.resolve(Response.json({ ...scaled, scaling: undefined }));
        if (path === 'v1/stream') {
          const chunks = [
            `event: view\ndata: ${JSON.stringify(scaled)}\n\n`,
            `event: event\ndata: ${JSON.stringify(event)}\n\n`,
          ];
          const body = new ReadableStream<Uint8Array>({
            pull(controller) {
              const chunk = chunks.shift();
              if (chunk === undefined) controller.close();
              else controller.enqueue(new TextEncoder().encode(chunk));
            },
          });
          return Promise.resolve(new Response(body));
        }
        if (path !== 'v1/scaling') return Promise.resolve(Response.json([]));
        asked += 1;
        return Promise.resolve(Response.json({ scaling: null, decisions: [{ seq: 4, atMs: 1, ...decided(4) }] }));
      },
    });
    await feed.follow(stop.signal);
    expect(asked).toBe(1);
    expect(feed.snapshot().scaling?.decisions.map(({ seq, desired }) => [seq, desired])).toEqual([
      [4, 4],
      [9, 9],
    ]);
  });

  it('waits longer after each failure, and keeps what it knew', async () => {
    const stop = new AbortController();
    const waits: number[] = [];
    const feed = new LiveFeed({
      nowMs: () => 0,
      sleep: (durationMs) => {
        waits.push(durationMs);
        if (waits.length === 4) stop.abort();
        return Promise.resolve();
      },
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    await feed.follow(stop.signal);
    expect(waits).toEqual([1_000, 2_000, 4_000, 5_000]);
    expect(feed.snapshot()).toMatchObject({ lastHeardAtMs: null, trouble: 'the control plane cannot be reached' });
  });

  it('tells a refusal with its status', async () => {
    const stop = new AbortController();
    const feed = new LiveFeed({
      nowMs: () => 0,
      sleep: () => Promise.resolve(stop.abort()),
      fetch: () => Promise.resolve(new Response('', { status: 401 })),
    });
    await feed.follow(stop.signal);
    expect(feed.snapshot().trouble).toMatch(/v1\/(view|events).* answered with status 401/);
  });
});
