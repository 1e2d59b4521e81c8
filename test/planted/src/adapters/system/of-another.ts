// must trip: adapters-system-imports-packages
export { Kysely } from 'kysely';
