// must trip: adapters-syslog-imports-packages
export { Kysely } from 'kysely';
