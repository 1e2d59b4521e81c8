import { hash, timingSafeEqual } from 'node:crypto';
import { PlimsollError } from '../../core/units/errors.ts';

const bearer = /^Bearer +([\x21-\x7e]{1,1024})$/i;

/**
 * Lets an order to the server through, such as to unload a model:
 *
 * | the server has a token | the request shows | the order |
 * |---|---|---|
 * | no, as one that somebody started by hand | anything | passes |
 * | yes | that token | passes |
 * | yes | none | 401 |
 * | yes | another one | 403 |
 *
 * @throws PlimsollError `no-credential`, `credential-unknown` (unauthorized).
 */
export function requireOrdersToken(token: string | null, authorization: string | undefined): void {
  if (token === null) return;
  const shown = authorization === undefined ? undefined : bearer.exec(authorization)?.[1];
  if (shown !== undefined && timingSafeEqual(digestOf(shown), digestOf(token))) return;
  throw new PlimsollError({
    code: shown === undefined ? 'no-credential' : 'credential-unknown',
    category: 'unauthorized',
    message: shown === undefined ? 'loading and unloading need a credential' : 'this credential gives no orders here',
    next: 'only the control plane that started this replica loads and unloads its model; release or roll back with `plimsoll`',
  });
}

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');
