// must trip: adapters-trials-imports-packages
export { Kysely } from 'kysely';
