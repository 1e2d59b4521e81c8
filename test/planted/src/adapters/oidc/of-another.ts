// must trip: adapters-oidc-imports-packages
export { Kysely } from 'kysely';
