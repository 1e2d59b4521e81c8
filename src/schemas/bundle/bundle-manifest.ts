import * as z from 'zod';
import { bundleBytes, bundleRoles, type Bundle } from '../../core/bundle/bundle.ts';
import { bundleProblems } from '../../core/bundle/check-bundle.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { artifactNameSchema, digestSchema, nameSchema } from '../http/release/http-artifact.ts';
import { readJsonText } from '../source/json-text.ts';

/** 10,000 files of paths of 200 characters fit. */
export const mostManifestBytes = 4 * 1024 * 1024;
/** Problems that an error tells; it says how many there are. */
const mostTold = 50;

const digest = digestSchema as z.ZodType<Digest>;
const file = { path: z.string(), digest, bytes: z.number() };

const bundleSchema: z.ZodType<Bundle> = z.strictObject({
  bundleVersion: z.literal(1),
  service: nameSchema,
  environment: nameSchema,
  files: z.array(z.strictObject({ ...file, role: z.enum(bundleRoles) })),
  model: z.strictObject({
    name: artifactNameSchema,
    digest,
    files: z.array(z.strictObject(file)).nullable(),
    place: z.string().max(2_000).nullable(),
  }),
});

/**
 * The bundle that a manifest says, which is canonical JSON: the digest of the bytes is the digest of the bundle.
 * @throws PlimsollError `bundle-invalid` (input; details.problems).
 */
export function readBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > mostManifestBytes)
    throw bundleInvalid([`the manifest has ${bytes.length} bytes, of at most ${mostManifestBytes}`]);
  const parsed = bundleSchema.safeParse(readManifestJson(bytes), { jitless: true });
  if (!parsed.success) {
    throw bundleInvalid(
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the manifest'}: ${message}`),
    );
  }
  requireGoodBundle(parsed.data);
  if (!isSame(bundleBytes(parsed.data), bytes))
    throw bundleInvalid(['the manifest is not canonical JSON: sorted keys, no white space, no key twice']);
  return parsed.data;
}

/** @throws PlimsollError `bundle-invalid` (input; details.problems). */
export function requireGoodBundle(bundle: Bundle): void {
  const problems = bundleProblems(bundle);
  if (problems.length > 0) throw bundleInvalid(problems);
}

function readManifestJson(bytes: Uint8Array): unknown {
  try {
    return readJsonText(bytes, 'the manifest');
  } catch (thrown) {
    throw thrown instanceof PlimsollError ? bundleInvalid([thrown.message]) : thrown;
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

function bundleInvalid(problems: readonly string[]): PlimsollError {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new PlimsollError({
    code: 'bundle-invalid',
    category: 'input',
    message: `the bundle is not valid: ${problems[0] ?? ''}${more}`,
    next: 'mend what it names and send it again; docs/bundles.md has the bounds of a bundle',
    details: { problems: problems.slice(0, mostTold), problemCount: problems.length },
  });
}
