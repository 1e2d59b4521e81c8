import { describe, expect, it } from 'vitest';
import { FleetFeed } from './fleet-feed.ts';

const entry = (service: string, owner: string): object => ({ service, environment: 'prod', owner });
const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

function follow(fetch: (path: string) => Response): Promise<FleetFeed> {
  const stop = new AbortController();
  const feed = new FleetFeed({
    nowMs: () => 5_000,
    sleep: () => Promise.resolve(stop.abort()),
    fetch: (path) => Promise.resolve(fetch(path)),
  });
  return feed.follow(stop.signal).then(() => feed);
}

describe('the feed of the fleet', () => {
  it('asks for its stream and nothing else, and keeps the list in step', async () => {
    const paths: string[] = [];
    const feed = await follow((path) => {
      paths.push(path);
      const fleet = { plimsollVersion: '0.1.0', nowMs: 1, services: [entry('a', 'x'), entry('b', 'x')] };
      const change = { nowMs: 2, changed: [entry('b', 'y')], gone: [{ service: 'a', environment: 'prod' }] };
      return new Response(`: ping\n\n${event('fleet', fleet)}${event('fleet-change', change)}`);
    });
    expect(paths).toEqual(['v1/fleet/stream']);
    expect(feed.snapshot()).toMatchObject({
      fleet: { nowMs: 2, services: [entry('b', 'y')] },
      lastHeardAtMs: 5_000,
      streamOpen: false,
      trouble: 'the control plane closed the stream',
    });
  });

  it('waits for the list: a ping or a change alone says nothing', async () => {
    const feed = await follow(
      () => new Response(`: ping\n\n${event('fleet-change', { nowMs: 2, changed: [], gone: [] })}`),
    );
    expect(feed.snapshot()).toMatchObject({ fleet: null, lastHeardAtMs: null });
  });

  it('tells a refusal with its status', async () => {
    const feed = await follow(() => new Response('', { status: 404 }));
    expect(feed.snapshot().trouble).toBe('v1/fleet/stream answered with status 404');
  });
});
