import type { CiIdentity } from '../../access/identity.ts';
import { canonicalJson, digestOf, type Digest } from '../../units/digest.ts';

/** Claims of a token are shorter; what is longer is recorded nowhere. */
const charactersAtMost = 500;
/** A line break in a claim would forge a line of a report. */
const isClaim = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= charactersAtMost && !/[\u0000-\u001f\u007f]/.test(value);
const isFlag = (value: unknown): value is boolean | null => value === null || typeof value === 'boolean';

/** Reads the identity of a CI job; null for what has another form, an empty claim, or one of more than 500 characters. */
export function readCiIdentity(value: unknown): CiIdentity | null {
  if (typeof value !== 'object' || value === null) return null;
  const { issuer, subject, repository, ref, isRefProtected, isFork, run } = value as Readonly<Record<string, unknown>>;
  if (!isClaim(issuer) || !isClaim(subject) || !isClaim(repository) || !isClaim(ref)) return null;
  if (issuer === '' || repository === '' || ref === '') return null;
  if (!isFlag(isRefProtected) || !isFlag(isFork)) return null;
  if (run !== null && !isClaim(run)) return null;
  return { issuer, subject, repository, ref, isRefProtected, isFork, run };
}

/** `job 42 of acme/digits at refs/heads/main (protected, told by ci.example)`. */
export function jobText({ issuer, repository, ref, isRefProtected, isFork, run }: CiIdentity): string {
  const protection = isRefProtected === true ? 'protected' : isRefProtected === false ? 'not protected' : null;
  const notes = [
    ...(protection === null ? ['protection unknown'] : [protection]),
    ...(isFork === true ? ['of a fork'] : []),
    `told by ${issuer.replace(/^https:\/\//, '').replace(/\/.*$/, '')}`,
  ];
  return `${run === null ? 'a job' : `job ${run}`} of ${repository} at ${ref} (${notes.join(', ')})`;
}

/** How a store knows that a job sent evidence. */
export interface JobSighting {
  readonly digest: Digest;
  /** Stands in the place of the sender's name: the job and what it sent, as canonical JSON. */
  readonly by: string;
}

/**
 * Returns what a store records where a CI job sent evidence. The run is left out, so that the same job of another day is
 * the same sender.
 * @param measured as `digestOfMeasured` gives it.
 */
export function sightJob(measured: Digest, { run: _, ...job }: CiIdentity): JobSighting {
  const sent = { ...job, measured };
  return { digest: digestOf({ sentByJob: sent }), by: canonicalJson(sent) };
}

/** The job of such a record where it is about this evidence; null for any other record. Its run is not known. */
export function readJobSighting(measured: Digest, { digest, by }: JobSighting): CiIdentity | null {
  // Most records are of a name: these are not parsed.
  if (!by.startsWith('{') || !by.includes(measured)) return null;
  const job = readCiIdentity({ ...parseObject(by), run: null });
  return job !== null && sightJob(measured, job).digest === digest ? job : null;
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
