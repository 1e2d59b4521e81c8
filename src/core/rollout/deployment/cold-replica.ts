/** For so long a fresh replica is cold, milliseconds: what it does then tells of its start and not of its service. */
export const replicaColdMs = 10_000;
