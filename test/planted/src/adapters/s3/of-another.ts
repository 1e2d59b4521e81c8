// must trip: adapters-s3-imports-packages
export { Kysely } from 'kysely';
