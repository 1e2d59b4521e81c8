// must trip: adapters-replica-http-imports-packages
export { Kysely } from 'kysely';
