import * as z from 'zod';
import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { makeServerProof, proofAddress } from '../../../core/access/server-proof.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import {
  openedSessionSchema,
  proofQuerySchema,
  proofSchema,
  sessionCodeSchema,
  sessionRequestSchema,
  sessionSchema,
} from '../../../schemas/http/http-session.ts';
import type { HttpParts, Server } from '../http-parts.ts';
import { readCookie, clearCookie, setCookie, writeKeyHeader } from './cookie.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

/** How the server shows who it is, and how a browser comes to act. */
export function sessionRoutes(server: Server, parts: HttpParts): void {
  proofRoute(server, parts);
  codeRoute(server, parts);
  pageRoutes(server, parts);
}

function proofRoute(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/proof',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['access'],
        summary: 'Shows that this server knows a token, before the token is sent',
        querystring: proofQuerySchema,
        response: { 200: proofSchema, ...errors },
      },
    },
    (request) => {
      const { key, nonce } = request.query;
      const digest = parts.access.credentials.digestOf(key);
      if (digest === null) {
        throw new PlimsollError({
          code: 'token-unknown',
          category: 'unauthorized',
          message: 'the token is not known here, was revoked or has expired',
          next: nextStep(controlPlaneSteps, 'token-unknown/token-list-shows'),
        });
      }
      const address = proofAddress(request.socket.localAddress, request.socket.localPort);
      return { address, proof: makeServerProof(digest, nonce, address) };
    },
  );
}

function codeRoute(server: Server, parts: HttpParts): void {
  server.post(
    '/v1/session-codes',
    {
      config: { access: 'view' },
      schema: {
        tags: ['access'],
        summary: 'A one-time code by which a browser gets the rights of the token that asks; holds ten minutes',
        response: { 201: sessionCodeSchema, ...errors },
      },
    },
    async (request, reply) => {
      if (request.keyId === null || request.headers.authorization === undefined) {
        throw new PlimsollError({
          code: 'no-token',
          category: 'unauthorized',
          message:
            'a code is given to the holder of a token, not to a page, a service account or an identity of a provider',
          next: nextStep(controlPlaneSteps, 'no-token'),
        });
      }
      return reply.status(201).send(parts.access.sessions.makeCode(request.keyId));
    },
  );
}

function pageRoutes(server: Server, parts: HttpParts): void {
  const { sessions } = parts.access;
  server.get(
    '/v1/session',
    {
      config: { access: 'view' },
      schema: {
        tags: ['access'],
        summary: 'Who the page acts as, and whether it may write',
        response: { 200: sessionSchema, ...errors },
      },
    },
    (request) => {
      const cookie = readCookie(request);
      const key = request.headers[writeKeyHeader];
      const session = cookie === null ? null : sessions.read(cookie, typeof key === 'string' ? key : undefined);
      const { requester } = request;
      const signedIn = requester !== null && !requester.anonymous;
      const mayWrite = signedIn && (session?.mayWrite === true || request.headers.authorization !== undefined);
      return {
        name: signedIn ? requester.name : null,
        roles: mayWrite ? [...new Set(requester.grants.map(({ role }) => role))] : [],
      };
    },
  );
  server.post(
    '/v1/session',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['access'],
        summary: 'Trades a one-time code for the cookie of a page, and the key that the page sends with each write',
        body: sessionRequestSchema,
        response: { 201: openedSessionSchema, ...errors },
      },
    },
    async (request, reply) => {
      const opened = sessions.redeem(request.body.code);
      if (opened === null) {
        throw new PlimsollError({
          code: 'code-unknown',
          category: 'unauthorized',
          message: 'the link was used already or has expired',
          next: nextStep(controlPlaneSteps, 'code-unknown'),
        });
      }
      setCookie(request, reply, opened.cookie, opened.ttlMs);
      return reply.status(201).send({ writeKey: opened.writeKey, expiresAtMs: opened.expiresAtMs });
    },
  );
  server.delete(
    '/v1/session',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['access'],
        summary: 'Signs the page out: its session ends, with each copy of its cookie and its open streams',
        response: { 204: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      const cookie = readCookie(request);
      clearCookie(request, reply);
      if (cookie !== null) {
        await sessions.end(cookie);
        parts.fleetStreams.endRefused();
        for (const scope of parts.fleet().services) parts.find(scope).pageStreams.endRefused();
      }
      return reply.status(204).send(null);
    },
  );
}
