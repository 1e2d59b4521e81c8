import * as z from 'zod';

/** `fleet.json` of a state folder whose records were imported into another one. */
const fleetPointerSchema = z.strictObject({ format: z.literal(1), stateFolder: z.string().startsWith('/') });

/** The state folder that the text names; null where it is of another form. */
export function readFleetPointer(text: string): string | null {
  try {
    return fleetPointerSchema.safeParse(JSON.parse(text)).data?.stateFolder ?? null;
  } catch {
    return null;
  }
}

export function fleetPointerText(stateFolder: string): string {
  return `${JSON.stringify({ format: 1, stateFolder })}\n`;
}
