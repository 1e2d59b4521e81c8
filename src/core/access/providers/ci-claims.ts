import type { CiIdentity } from '../identity.ts';
import type { IdentityProvider, ProviderPreset, TokenClaims } from './identity-provider.ts';

/**
 * Events that nobody without write access to the repository causes, or fills with code.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
const githubOwnEvents = [
  'push',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'release',
  'deployment',
  'merge_group',
];
/** The same of https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable */
const gitlabOwnSources = ['push', 'web', 'schedule', 'api', 'trigger', 'pipeline', 'chat', 'ondemand_dast_scan'];

/** The claims of a preset that rules name by one word. */
const readers: Readonly<
  Record<ProviderPreset, (claims: TokenClaims) => Omit<CiIdentity, 'issuer' | 'subject'> | null>
> = {
  github: readGithub,
  gitlab: readGitlab,
};

/**
 * Returns the job that a verified token is of; null where the provider has no preset, or the claims name no job.
 *
 * | preset | repository | ref | is a fork |
 * |---|---|---|---|
 * | github | `repository` | `ref` | unknown, unless `event_name` is an event of the repository's own people |
 * | gitlab | `project_path` | `ref_path`, else `ref_type` and `ref` | yes, where the job runs in another project; unknown for merge requests |
 *
 * A claim `fork` decides, where there is one.
 */
export function readCiIdentity(
  { preset, issuer }: Pick<IdentityProvider, 'preset' | 'issuer'>,
  claims: TokenClaims,
): CiIdentity | null {
  if (preset === null) return null;
  const subject = textAt(claims, 'sub');
  const job = readers[preset](claims);
  return subject === null || job === null ? null : { issuer, subject, ...job };
}

/**
 * Whether a job is of a pull request, by the event that runs the code of the request with its own rights. Not `pull_request_target` or
 * `workflow_run`, which give tokens to jobs of forks too, and no job of another project.
 */
export function isOfPullRequest({ preset }: Pick<IdentityProvider, 'preset'>, claims: TokenClaims): boolean {
  if (preset === 'github') return claims['event_name'] === 'pull_request';
  return preset === 'gitlab' && claims['pipeline_source'] === 'merge_request_event';
}

function readGithub(claims: TokenClaims): Omit<CiIdentity, 'issuer' | 'subject'> | null {
  const [repository, ref] = [textAt(claims, 'repository'), textAt(claims, 'ref')];
  if (repository === null || ref === null) return null;
  const isOwn = isOneOf(githubOwnEvents, claims['event_name']) && !ref.startsWith('refs/pull/');
  return {
    repository,
    ref,
    isRefProtected: flagAt(claims, 'ref_protected'),
    isFork: flagAt(claims, 'fork') ?? (isOwn ? false : null),
    run: textAt(claims, 'run_id'),
  };
}

function readGitlab(claims: TokenClaims): Omit<CiIdentity, 'issuer' | 'subject'> | null {
  const [repository, ref] = [textAt(claims, 'project_path'), gitlabRef(claims)];
  if (repository === null || ref === null) return null;
  const runsIn = textAt(claims, 'job_project_path') ?? repository;
  const isOwn = isOneOf(gitlabOwnSources, claims['pipeline_source']) && !ref.startsWith('refs/merge-requests/');
  return {
    repository,
    ref,
    isRefProtected: flagAt(claims, 'ref_protected'),
    isFork: runsIn === repository ? (flagAt(claims, 'fork') ?? (isOwn ? false : null)) : true,
    run: textAt(claims, 'pipeline_id'),
  };
}

/** A tag may have the name of a branch: only the full name tells them apart. */
function gitlabRef(claims: TokenClaims): string | null {
  const [path, ref, type] = [textAt(claims, 'ref_path'), textAt(claims, 'ref'), claims['ref_type']];
  if (path !== null) return path;
  if (ref === null || (type !== 'branch' && type !== 'tag')) return null;
  return `refs/${type === 'tag' ? 'tags' : 'heads'}/${ref}`;
}

const isOneOf = (all: readonly string[], value: unknown): boolean => all.some((each) => each === value);

function textAt(claims: TokenClaims, name: string): string | null {
  const value = claims[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Providers write truth values as text too. */
function flagAt(claims: TokenClaims, name: string): boolean | null {
  const text = String(claims[name]);
  if (text === 'true') return true;
  return text === 'false' ? false : null;
}
