// must trip: control-plane-imports-layers control-plane-imports-packages
import { Kysely } from 'kysely';
import { one } from '../adapters/a/one.ts';
export const all = [Kysely, one];
