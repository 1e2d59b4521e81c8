// must trip: adapters-keda-imports-packages
export { Kysely } from 'kysely';
