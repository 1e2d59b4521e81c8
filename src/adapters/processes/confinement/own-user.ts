import { userInfo } from 'node:os';

/** Returns the name of the user of this process; `user NUMBER` for a number without an entry, as containers and replicas have. */
export function ownUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
