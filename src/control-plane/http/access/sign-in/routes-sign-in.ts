import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { makeSignInRefusal } from '../../../../core/access/providers/refused-sign-in.ts';
import { asPlimsollError, PlimsollError } from '../../../../core/units/errors.ts';
import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import {
  callbackQuerySchema,
  signInProvidersSchema,
  signInQuerySchema,
} from '../../../../schemas/http/http-session.ts';
import { originOf } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';
import { clearCookie, readCookie, setCookie } from '../cookie.ts';
import { signInTtlMs } from './sign-ins.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

/** How a browser comes to act as a person whom an identity provider knows. */
export function signInRoutes(server: Server, parts: HttpParts): void {
  const { signIns } = parts.access;
  server.get(
    '/v1/session/providers',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['access'],
        summary: 'The identity providers by which people sign in to the page',
        response: { 200: signInProvidersSchema, ...errors },
      },
    },
    () => ({ providers: (signIns?.names() ?? []).map((name) => ({ name })) }),
  );
  server.get(
    '/v1/session/begin',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['access'],
        summary: 'Sends a browser to an identity provider',
        querystring: signInQuerySchema,
        response: { 302: z.null(), ...errors },
      },
    },
    async (request, reply) => {
      const { provider, to } = request.query;
      if (signIns === undefined) {
        throw new PlimsollError({
          code: 'provider-unknown',
          category: 'not-found',
          message: 'this control plane knows no identity provider',
          next: 'start it with --identities FILE; docs/security.md has an example',
        });
      }
      void reply.header('cache-control', 'no-store');
      const begun = await signIns.begin(provider, to, originOf(request)).catch((thrown: unknown) => {
        const error = asPlimsollError(thrown);
        const { end } = error.details;
        if (end !== 'away' && end !== 'busy') throw error;
        request.log.warn({ message: error.message, origin: originOf(request) }, 'a sign-in was not begun');
        return end;
      });
      if (typeof begun === 'string') return reply.redirect(pageAt(to, `sign-in=${begun}`));
      setCookie(request, reply, begun.cookie, signInTtlMs, 'sign_in');
      return reply.redirect(begun.url);
    },
  );
  server.get(
    '/v1/session/callback',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['access'],
        summary: 'Takes a browser back from an identity provider, and sends it on to the page',
        querystring: callbackQuerySchema,
        response: { 302: z.null(), ...errors },
      },
    },
    async (request, reply) => reply.redirect(await comeBack(parts, request, reply)),
  );
}

/** The page is two levels up, whatever stands before it. What comes back is said in the fragment, which no server is sent. */
const pageAt = (to: string, fragment: string): string => `../../${to}#${fragment}`;

/** @returns where the browser goes on to. @throws PlimsollError `rate-limited` (overloaded). */
async function comeBack(parts: HttpParts, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const { signIns } = parts.access;
  const begun = signIns?.open(readCookie(request, 'sign_in')) ?? null;
  clearCookie(request, reply, 'sign_in');
  void reply.header('cache-control', 'no-store');
  try {
    if (signIns === undefined || begun === null) {
      throw makeSignInRefusal('expired', 'this browser began no sign-in here, or more than ten minutes ago');
    }
    const { name, code } = await signIns.finish(begun, new URL(request.url, 'http://page').searchParams);
    request.log.info({ by: name, origin: originOf(request) }, 'somebody signed in by an identity provider');
    return pageAt(begun.to, `code=${code}`);
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    if (error.category === 'bug') throw error;
    const told = parts.access.failedLogins.limit(error, originOf(request));
    if (told !== error) throw told;
    const { message, code } = error;
    request.log.warn({ origin: originOf(request), message }, 'a sign-in by an identity provider failed');
    const attempt = { by: 'anonymous', origin: originOf(request), what: 'GET /v1/session/callback', code };
    if (error.category === 'unauthorized') parts.attempts?.note({ ...attempt, service: null, environment: null });
    const { end } = error.details;
    return pageAt(begun?.to ?? '', `sign-in=${typeof end === 'string' ? end : 'refused'}`);
  }
}
