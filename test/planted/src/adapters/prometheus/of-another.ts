// must trip: adapters-prometheus-imports-packages
export { Kysely } from 'kysely';
