// must trip: model-server-imports-layers model-server-imports-packages
import { Kysely } from 'kysely';
import { one } from '../adapters/a/one.ts';
export const all = [Kysely, one];
