// must trip: adapters-kubernetes-imports-packages
export { Kysely } from 'kysely';
