// must trip: adapters-import-what-the-table-allows
export { Kysely } from 'kysely';
