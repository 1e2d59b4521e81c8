// must trip: adapters-mlflow-imports-packages
export { Kysely } from 'kysely';
