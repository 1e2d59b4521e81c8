/** Whatever a client sends, a strict upstream reads exactly the requests that the gateway sent, and no other. */
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { bodies, framings, post } from '../testing/builders/smuggling-shapes.ts';
import { makeTable, startGateway, type GatewayRig } from '../testing/rigs/gateway-rig.ts';
import { startStrictUpstream } from '../testing/rigs/strict-upstream.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Sends it, says that nothing more comes, and resolves when the gateway has closed. */
function speakAndEnd(port: number, wire: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(wire, 'latin1')));
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined).on('close', () => resolve(answer));
  });
}

const sentBy = ({ gateway }: GatewayRig): number =>
  Array.from(gateway.path.routes.replicas, ({ requests }) => requests).reduce((sum, requests) => sum + requests, 0);

test.each(framings)('%j leaves a strict upstream with what the gateway sent, whatever follows', async (framing) => {
  const upstream = await startStrictUpstream();
  stops.push(upstream.stop);
  const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]));
  stops.push(() => rig.stop());
  for (const body of bodies) {
    const answer = await speakAndEnd(rig.port, `${post}${framing}\r\n\r\n${body}`);
    expect(upstream.violations).toEqual([]);
    for (const status of answer.match(/^HTTP\/1\.1 \d+/gm) ?? []) expect(status).not.toMatch(/ 5(?!01)\d\d$/);
  }
  // Each that arrived there is one that the gateway sent by itself: none was hidden in the body of another.
  expect(upstream.seen.length).toBeLessThanOrEqual(sentBy(rig));
});
