// must trip: adapters-http-control-imports-packages
export { Kysely } from 'kysely';
