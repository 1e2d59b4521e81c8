import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientKeys } from '../../gateway/admission/client-keys.ts';
import { Gateway } from '../../gateway/gateway.ts';
import { readAnswers, readRequests, valuesOf, type WireRequest } from '../oracles/http-wire.ts';
import { makeRigParts, makeTable, rigSettings, SkippingClock } from './gateway-rig.ts';
import { startStrictUpstream, type StrictUpstream } from './strict-upstream.ts';

/** Between two of them the wire is written in two pieces. */
export const pieceMark = '\x1e';
/** Where it stands the client resets its connection. */
export const resetMark = '\x1f';
/** The key that the gateway asks of its clients, and keeps to itself. */
export const clientKey = 'authorization: Bearer k';
const waitAtMostMs = 5_000;

export interface FuzzedGateway {
  /** Sends the wire, and throws where the gateway, its replica or the answers are not as they should be. */
  tryWire(marked: Uint8Array): Promise<number>;
  stop(): Promise<void>;
}

/**
 * A gateway before a strict replica, with one connection to it, so that a request that breaks the framing meets the next one. What was to be
 * forwarded is known by `readRequests`, which shares nothing with the gateway.
 */
export async function startFuzzedGateway(): Promise<FuzzedGateway> {
  const upstream = await startStrictUpstream();
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-fuzz-keys-'));
  const keysFile = path.join(folder, 'keys');
  writeFileSync(keysFile, `client ${hash('sha256', 'k')}\n`);
  const clientKeys = await ClientKeys.open(keysFile);
  rmSync(folder, { recursive: true });
  const drawn = new Set<string>();
  const random = {
    next: () => 0.5,
    /** Nobody guesses what is drawn here: a request that carries it was made by the gateway. */
    hex: (bytes: number): string => {
      const digits = randomBytes(bytes).toString('hex');
      drawn.add(digits);
      if (drawn.size > 8) drawn.delete([...drawn][0] ?? '');
      return digits;
    },
  };
  const settings = { ...rigSettings, service: 'digits', environment: 'default', replicaConcurrency: 1 };
  const gateway = new Gateway({ ...makeRigParts(new SkippingClock(), { clientKeys }), random, settings });
  gateway.offer(makeTable([{ endpoints: [upstream.endpoint] }]));
  const port = Number(new URL(await gateway.listen()).port);
  const host = new URL(upstream.endpoint).host;
  return {
    async tryWire(marked) {
      const [wire = '', reset] = Buffer.from(marked).toString('latin1').split(resetMark, 2);
      const pieces = wire.split(pieceMark);
      const sentBefore = sentBy(gateway);
      upstream.seen.length = 0;
      const read = readRequests(pieces.join(''));
      const answer = await speakInPieces(port, pieces, read, reset !== undefined);
      await untilDone(gateway);
      checkReplica(upstream, host, drawn);
      if (upstream.seen.length > sentBy(gateway) - sentBefore) throw new Error('the replica saw more than was sent');
      checkForwarded(upstream.seen, read);
      if (reset === undefined) checkAnswers(answer, read, upstream.seen);
      await askHonestly(port, upstream);
      return upstream.seen.length;
    },
    async stop() {
      await gateway.drain();
      await upstream.stop();
    },
  };
}

const sentBy = ({ path: { routes } }: Gateway): number =>
  Array.from(routes.replicas, ({ requests }) => requests).reduce((sum, requests) => sum + requests, 0);

/** What the gateway says until it has answered `read` and the client has ended, or until it closes. */
function speakInPieces(
  port: number,
  pieces: readonly string[],
  read: readonly WireRequest[],
  resets = false,
): Promise<string> {
  const methods = read.map(({ method }) => method);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      socket.destroy();
      const facts = JSON.stringify({ answered: answer.slice(0, 300), requests: read.length });
      reject(new Error(`the connection stays open without the answers to its requests: ${facts}`));
    }, waitAtMostMs);
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let [answer, isWritten] = ['', false];
    /** Node gives a request up whose client ends its side: that is said only once the answers are here. */
    const endIfAnswered = (): void => {
      if (isWritten && readAnswers(answer, methods).answers.length >= read.length) socket.end();
    };
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
      endIfAnswered();
    });
    socket.on('error', () => undefined).on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(answer);
    });
    socket.on('connect', () => void writeAll());
    const writeAll = async (): Promise<void> => {
      for (const piece of pieces) {
        if (socket.writable && piece !== '') socket.write(Buffer.from(piece, 'latin1'));
        await nextTurn();
      }
      if (resets) socket.resetAndDestroy();
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
      isWritten = true;
      endIfAnswered();
    };
  });
}

async function untilDone(gateway: Gateway): Promise<void> {
  const untilMs = performance.now() + waitAtMostMs;
  while (gateway.path.openCount > 0 || gateway.path.inFlight > 0) {
    if (performance.now() > untilMs) throw new Error('a request whose client has gone stays open');
    await nextTurn();
  }
  if (gateway.path.heldBytes !== 0) throw new Error('bytes of a body that is over are still held');
}

/** What a client may not say to a replica, whatever its name is spelled like. */
const withheld =
  /^(?:authorization|proxy-.*|te|trailer|upgrade|http2-settings|expect|keep-alive|plimsoll-(?!deadline-ms$).*)$/;

function checkReplica({ seen, violations }: StrictUpstream, host: string, drawn: ReadonlySet<string>): void {
  const [violation] = violations.splice(0);
  if (violation !== undefined) throw new Error(`the replica was sent ${violation}`);
  const spans = new Set<string>();
  for (const { fields } of seen) {
    const passed = fields.find(([name]) => withheld.test(name.toLowerCase()));
    if (passed !== undefined) throw new Error(`the replica was sent the client's ${passed.join(': ')}`);
    for (const name of ['x-request-id', 'traceparent', 'plimsoll-deadline-ms', 'host']) {
      if (valuesOf(fields, name).length !== 1) throw new Error(`the replica was not sent one ${name}`);
    }
    if (valuesOf(fields, 'host')[0] !== host) throw new Error('the replica was sent the host of a client');
    const [, , span = ''] = valuesOf(fields, 'traceparent')[0]?.split('-') ?? [];
    if (spans.has(span) || !Array.from(drawn).some((digits) => digits.includes(span)))
      throw new Error('the replica was sent a request that the gateway did not make');
    spans.add(span);
  }
}

const isSame = (one: WireRequest, other: WireRequest | undefined): boolean =>
  other !== undefined && one.method === other.method && one.target === other.target && one.body === other.body;

/** Each request at the replica is one that the client sent, whole, and none is there twice. */
function checkForwarded(seen: readonly WireRequest[], read: readonly WireRequest[]): void {
  const left = [...read];
  for (const request of seen) {
    const at = left.findIndex((each) => isSame(request, each));
    if (at < 0) throw new Error(`the replica was sent what no client said: ${JSON.stringify(request)}`);
    left.splice(at, 1);
  }
}

/** Answers come in the order of the requests; what a replica answered is the answer to the request that it got. */
function checkAnswers(text: string, read: readonly WireRequest[], seen: readonly WireRequest[]): void {
  const { answers, broken } = readAnswers(
    text,
    read.map(({ method }) => method),
  );
  if (broken !== '') throw new Error(`the answer is no HTTP: ${JSON.stringify(broken.slice(0, 300))}`);
  if (answers.length > read.length + 1) throw new Error(`${answers.length} answers to ${read.length} requests`);
  const unanswered = new Set(seen);
  for (const [index, { status, fields }] of answers.entries()) {
    if (status >= 500 && status !== 501) throw new Error(`an answer of ${status} to a client's own fault`);
    const [number] = valuesOf(fields, 'x-seen');
    if (number === undefined) continue;
    const answered = seen[Number(number)];
    if (answered === undefined || !isSame(answered, read[index])) throw new Error('an answer to another request');
    unanswered.delete(answered);
  }
  // Behind an answer that was not sent there is none.
  checkForwarded([...unanswered], read.slice(answers.length));
}

async function askHonestly(port: number, { seen, violations }: StrictUpstream): Promise<void> {
  const target = `/v2/honest/${randomBytes(8).toString('hex')}`;
  const head = `POST ${target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n${clientKey}\r\ncontent-length: 1\r\n\r\nx`;
  const { answers } = readAnswers(await speakInPieces(port, [head], readRequests(head)), ['POST']);
  const [number] = valuesOf(answers[0]?.fields ?? [], 'x-seen');
  const isAnswered = answers.length === 1 && answers[0]?.body === 'ok' && seen[Number(number)]?.target === target;
  if (isAnswered && violations.length === 0) return;
  throw new Error(
    `an honest request afterwards was not answered as it should be: ${JSON.stringify([answers, violations])}`,
  );
}
