// must trip: adapters-highs-imports-packages
export { Kysely } from 'kysely';
