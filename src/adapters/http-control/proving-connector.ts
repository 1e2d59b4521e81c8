import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isSameText } from '../../core/access/page-session.ts';
import { isJwt, tokenDigestOf } from '../../core/access/access-token.ts';
import { keyIdOf, makeServerProof, proofAddress } from '../../core/access/server-proof.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { proofSchema } from '../../schemas/http/http-session.ts';
import type { ClientTls } from './client-tls.ts';
import { endAtExpiry, expiredCertificate, explainTlsError } from './server-certificate.ts';
import { readAnswer } from './read-answer.ts';

export interface ConnectorOptions {
  /** The token that requests on the connection will carry; null for requests without one, which need no proof. */
  readonly token: () => Promise<string | null>;
  /** Certificates to trust beside the system's, in PEM. */
  readonly ca?: string | undefined;
  /** Read for each connection over TLS anew, in the place of `ca`: authorities, and what this client shows of itself. */
  readonly tls?: (() => Promise<ClientTls>) | undefined;
  /** Lets a token go over plain HTTP to another machine. */
  readonly plainHttp?: boolean;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 2_000;
const proofBytesAtMost = 16 * 1024;

/**
 * Opens connections to a control plane over which a token may be sent. Over TLS the certificate says who answers. Over
 * plain HTTP the server must first prove on this very connection that it knows the token (core/access/server-proof.ts):
 * otherwise any program that took over the port would be handed the token.
 */
export function makeProvingConnector(options: ConnectorOptions): buildConnector.connector {
  const timeout = options.timeoutMs ?? defaultTimeoutMs;
  const make = (tls: ClientTls, more: { readonly maxCachedSessions?: number } = {}): buildConnector.connector =>
    buildConnector({ timeout, allowH2: false, ...tls, ...more });
  const standing = make(options.ca === undefined ? {} : { ca: options.ca });
  const { tls } = options;
  return (target, callback) => {
    if (tls === undefined || target.protocol !== 'https:') return connectBy(standing)(target, callback);
    tls().then(
      // A session that is resumed shows the certificate of before.
      (read) => connectBy(make(read, { maxCachedSessions: 0 }))(target, callback),
      (thrown: unknown) => callback(thrown instanceof Error ? thrown : new Error(String(thrown)), null),
    );
  };

  function connectBy(connect: buildConnector.connector): buildConnector.connector {
    return (target, callback) =>
      connect(target, (...[error, socket]) => {
        if (error !== null) return callback(explainTlsError(error, target.hostname), null);
        if (target.protocol === 'https:') {
          if (tls !== undefined) endAtExpiry(socket, Date.now(), () => expiredCertificate(target.hostname));
          return callback(null, socket);
        }
        provePlain(socket, target.hostname, options, timeout).then(
          () => callback(null, socket),
          (thrown: unknown) => {
            socket.destroy();
            callback(thrown instanceof Error ? thrown : new Error(String(thrown)), null);
          },
        );
      });
  }
}

async function provePlain(socket: Socket, host: string, options: ConnectorOptions, timeoutMs: number): Promise<void> {
  const token = await options.token();
  if (token === null) return;
  const otherMachine = !isLoopbackAddress(socket.remoteAddress ?? '');
  if (isJwt(token)) {
    // The server cannot know this token before it comes, and so it cannot prove anything by it.
    if (options.plainHttp !== true) throw jwtNeedsTls(host);
    return;
  }
  if (otherMachine && options.plainHttp !== true) throw plainHttpRefused(host);
  const digest = tokenDigestOf(token);
  const nonce = randomBytes(24).toString('base64url');
  const answer = await askProof(socket, host, keyIdOf(digest), nonce, timeoutMs);
  const address = proofAddress(socket.remoteAddress, socket.remotePort);
  // Behind a port that is mapped to another one the server cannot know this address; that was accepted with plain HTTP.
  const said = otherMachine ? answer.address : address;
  if (!isSameText(makeServerProof(digest, nonce, said), answer.proof)) throw notProven(address);
}

async function askProof(
  socket: Socket,
  host: string,
  key: string,
  nonce: string,
  timeoutMs: number,
): Promise<{ readonly address: string; readonly proof: string }> {
  const address = proofAddress(socket.remoteAddress, socket.remotePort);
  const name = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  socket.write(
    `GET /v1/proof?key=${key}&nonce=${nonce} HTTP/1.1\r\nHost: ${name}:${socket.remotePort ?? 0}\r\nAccept: application/json\r\n\r\n`,
  );
  const { status, body } = await readAnswer(socket, proofBytesAtMost, timeoutMs).catch((cause: unknown) => {
    throw notProven(address, cause);
  });
  if (status === 401) throw tokenUnknown(address);
  if (status === 429) throw loginsLimited(address);
  const parsed = status === 200 ? proofSchema.safeParse(parseJson(body)) : null;
  if (parsed?.success !== true) throw notProven(address);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./i.test(address);
}

function tokenUnknown(address: string): PlimsollError {
  return new PlimsollError({
    code: 'token-unknown',
    category: 'unauthorized',
    message: `the control plane at ${address} does not know this token; the token was not sent`,
    next: nextStep(adapterSteps, 'token-unknown/proving-connector'),
  });
}

function loginsLimited(address: string): PlimsollError {
  return new PlimsollError({
    code: 'rate-limited',
    category: 'overloaded',
    message: `the control plane at ${address} does not know this token, and too many wrong ones came from here; the token was not sent`,
    next: nextStep(adapterSteps, 'rate-limited'),
  });
}

function notProven(address: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'server-not-proven',
    category: 'unauthorized',
    message: `what answers at ${address} did not prove that it is the control plane; the token was not sent`,
    next: nextStep(adapterSteps, 'server-not-proven'),
    cause,
  });
}

function jwtNeedsTls(host: string): PlimsollError {
  return new PlimsollError({
    code: 'plain-http-refused',
    category: 'input',
    message: `the token of a service account or an identity provider would go to ${host} over plain HTTP, where nothing shows who answers`,
    next: 'use https://, or -n NAMESPACE through the API server; on a network that you trust set PLIMSOLL_PLAIN_HTTP=1',
  });
}

function plainHttpRefused(host: string): PlimsollError {
  return new PlimsollError({
    code: 'plain-http-refused',
    category: 'input',
    message: `a token would go to ${host} unencrypted`,
    next: nextStep(adapterSteps, 'plain-http-refused'),
  });
}
