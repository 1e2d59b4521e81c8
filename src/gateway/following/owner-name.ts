import { createHash } from 'node:crypto';

/** Names the files of a service: readable, and one of its own whatever the names hold. */
export function ownerName({
  service,
  environment,
}: {
  readonly service: string;
  readonly environment: string;
}): string {
  const readable = `${service}-${environment}`.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 60);
  const digest = createHash('sha256').update(JSON.stringify([service, environment]));
  return `${readable}-${digest.digest('hex').slice(0, 16)}`;
}
