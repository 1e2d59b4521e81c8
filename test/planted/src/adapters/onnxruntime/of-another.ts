// must trip: adapters-onnxruntime-imports-packages
export { Kysely } from 'kysely';
