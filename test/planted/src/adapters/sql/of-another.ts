// must trip: adapters-sql-imports-packages
export { request } from 'undici';
