// must trip: adapters-processes-imports-packages
export { Kysely } from 'kysely';
