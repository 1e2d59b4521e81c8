import * as z from 'zod';
import { roles } from '../../core/access/role.ts';

export const proofQuerySchema = z.object({
  /** `keyIdOf` the token that the client means to send. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
});

/** Answer of `GET /v1/proof`. */
export const proofSchema = z.object({
  /** The server's end of the connection. */
  address: z.string(),
  proof: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Answer of `POST /v1/session-codes`. */
export const sessionCodeSchema = z.object({ code: z.string(), expiresAtMs: z.number() });

/** Body of `POST /v1/session`. */
export const sessionRequestSchema = z.object({ code: z.string().min(1).max(200) });
export const openedSessionSchema = z.object({ writeKey: z.string(), expiresAtMs: z.number() });

/** Answer of `GET /v1/session/providers`. */
export const signInProvidersSchema = z.object({ providers: z.array(z.object({ name: z.string() })) });
export type SignInProvidersAnswer = z.infer<typeof signInProvidersSchema>;

/** Query of `GET /v1/session/begin`. */
export const signInQuerySchema = z.object({
  provider: z.string().min(1).max(63),
  /** Where the page was, below its own address: the browser comes back to it. */
  to: z.string().max(500).default(''),
});

/** Query of `GET /v1/session/callback`: what a provider sends a browser back with. */
export const callbackQuerySchema = z.looseObject({
  state: z.string().max(500).optional(),
  code: z.string().max(4_000).optional(),
  error: z.string().max(500).optional(),
});

/** Answer of `GET /v1/session`. */
export const sessionSchema = z.object({
  /** Null for a page that nobody signed in. */
  name: z.string().nullable(),
  /** Empty for a page that may only read. */
  roles: z.array(z.enum(roles)),
});
export type SessionAnswer = z.infer<typeof sessionSchema>;
