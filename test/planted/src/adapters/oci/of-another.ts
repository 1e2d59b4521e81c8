// must trip: adapters-oci-imports-packages
export { Kysely } from 'kysely';
