import type { FastifyRequest } from 'fastify';
import { PlimsollError } from '../../core/units/errors.ts';
import { findToken, type Role, type Token } from './token-file.ts';

/** Who asks, and what they may do. */
export interface Requester {
  readonly name: string;
  readonly role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    requester: Requester | null;
  }
}

export interface AccessRules {
  /** Null on a loopback address without a token file: then everybody who can connect is the operating system's user. */
  readonly tokens: readonly Token[] | null;
  readonly user: string;
}

/** @throws PlimsollError `no-token` (401) or `forbidden` (403). */
export function authorize(request: FastifyRequest, rules: AccessRules): Requester {
  const requester = identify(request.headers.authorization, rules);
  if (requester === null) {
    throw new PlimsollError({
      code: 'no-token',
      category: 'unauthorized',
      message: 'a valid token is needed',
      next: 'set PLIMSOLL_TOKEN, or send the header Authorization: Bearer TOKEN',
    });
  }
  if (requester.role !== 'operator' && !isReading(request)) {
    throw new PlimsollError({
      code: 'forbidden',
      category: 'unauthorized',
      message: `${requester.name} is a viewer, and this needs the role operator`,
      next: 'use an operator token',
    });
  }
  return requester;
}

function isReading(request: FastifyRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

/** `Bearer TOKEN` from programs; `Basic`, whose password is the token, from browsers, which ask for it themselves. */
function identify(header: string | undefined, rules: AccessRules): Requester | null {
  if (rules.tokens === null) return { name: rules.user, role: 'operator' };
  const [scheme = '', credentials = ''] = (header ?? '').split(' ', 2);
  const secret =
    scheme.toLowerCase() === 'bearer'
      ? credentials
      : scheme.toLowerCase() === 'basic'
        ? Buffer.from(credentials, 'base64').toString('utf8').split(':').slice(1).join(':')
        : '';
  if (secret === '') return null;
  const token = findToken(rules.tokens, secret);
  return token === null ? null : { name: token.name, role: token.role };
}
