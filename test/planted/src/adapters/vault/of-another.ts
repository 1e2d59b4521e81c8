// must trip: adapters-vault-imports-packages
export { Kysely } from 'kysely';
