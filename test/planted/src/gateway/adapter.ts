// must trip: gateway-imports-layers gateway-imports-packages
import { Kysely } from 'kysely';
import { one } from '../adapters/a/one.ts';
export const all = [Kysely, one];
