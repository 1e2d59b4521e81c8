// must trip: adapters-files-imports-packages
export { Kysely } from 'kysely';
