import * as z from 'zod';
import type { Digest } from '../../core/units/digest.ts';
import { digestSchema } from '../http/release/http-artifact.ts';

/** What a replica proves itself with; the `authorization` header is for people, programs and gateways. */
export const replicaTokenHeader = 'plimsoll-replica-token';

/** Tokens for another audience, such as the API server, are not taken: a token is worth nothing elsewhere. */
export const filesAudience = 'plimsoll-files';

const digest = digestSchema as z.ZodType<Digest>;
const file = z.object({ path: z.string(), digest, bytes: z.number().int().nonnegative() });

export const replicaFileListSchema = z.object({ code: z.array(file), model: z.array(file) });
