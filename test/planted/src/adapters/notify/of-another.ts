// must trip: adapters-notify-imports-packages
export { Kysely } from 'kysely';
