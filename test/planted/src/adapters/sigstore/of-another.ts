// must trip: adapters-sigstore-imports-packages
export { Kysely } from 'kysely';
