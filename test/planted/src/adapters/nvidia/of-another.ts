// must trip: adapters-nvidia-imports-packages
export { Kysely } from 'kysely';
