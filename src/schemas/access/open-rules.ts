import { leavesOwnerOpen } from '../../core/access/providers/claim-pattern.ts';
import type { IdentityRule, ProviderPreset } from '../../core/access/providers/identity-provider.ts';

/** Claims that tell whose a job is. Those of `pathClaims` may end in a pattern; the others have to be whole. */
const owningClaims: Readonly<Record<ProviderPreset, readonly string[]>> = {
  github: ['repository', 'repository_owner', 'repository_id', 'repository_owner_id'],
  gitlab: ['repository', 'project_path', 'namespace_path', 'project_id', 'namespace_id'],
};
const pathClaims = ['repository', 'project_path'];

/**
 * Returns why a rule would let strangers in, as a sentence; null where it does not. Everybody can run jobs at a public CI system,
 * and everybody can have an address.
 *
 * | rule | is refused where |
 * |---|---|
 * | of a preset | no claim says whose the job is, or one leaves the owner open |
 * | of a preset, with `release` or `operate` | neither `ref`, `ref_protected` nor `environment` is asked for |
 * | of a preset | `ref` is no full name, so that a tag could stand for a branch |
 * | with `pullRequests` | it has no preset, another role than `measure`, or not the whole name of a repository |
 * | any | `email` leaves the domain open |
 */
export function findOpenRule(preset: ProviderPreset | null, rule: IdentityRule): string | null {
  const { when, grant } = rule;
  if (rule.pullRequests !== undefined) {
    const problem = findWidePullRequests(preset, rule);
    if (problem !== null) return problem;
  }
  if ((when['email'] ?? []).some(leavesDomainOpen)) return '`email` leaves the domain open: write `*@acme.com`';
  if (preset === null) return null;
  const owning = owningClaims[preset].filter((claim) => when[claim] !== undefined);
  if (owning.length === 0)
    return 'it does not say whose the job is: ask for `repository`, such as `acme/digits` or `acme/*`';
  for (const claim of owning) {
    const isOpen = pathClaims.includes(claim) ? leavesOwnerOpen : (pattern: string) => pattern.includes('*');
    if ((when[claim] ?? []).some(isOpen))
      return `\`${claim}\` leaves the owner open: write \`acme/digits\` or \`acme/*\``;
  }
  if ((when['ref'] ?? []).some((ref) => !/^refs\/|^\*/.test(ref))) {
    return '`ref` is a full name: `refs/heads/main` for a branch, `refs/tags/v1` for a tag';
  }
  const isNarrow = ['ref', 'ref_protected', 'environment'].some((claim) => when[claim] !== undefined);
  if (isNarrow || (grant.role !== 'release' && grant.role !== 'operate')) return null;
  return `the role ${grant.role} for every branch would be for everybody who can push: ask for \`ref_protected: true\`, \`ref\` or \`environment\``;
}

function leavesDomainOpen(pattern: string): boolean {
  const at = pattern.lastIndexOf('@');
  return at < 0 || pattern.slice(at).includes('*');
}

/** Whether forks get tokens is a setting of each repository. */
function findWidePullRequests(preset: ProviderPreset | null, { when, grant }: IdentityRule): string | null {
  if (preset === null) return '`pullRequests` is of jobs of a CI system: the provider needs a `preset`';
  if (grant.role !== 'measure') return '`pullRequests` gives the role `measure` and no other: write a rule of its own';
  const repositories = when['repository'] ?? [];
  const isWhole = repositories.length > 0 && repositories.every((pattern) => !pattern.includes('*'));
  return isWhole ? null : '`pullRequests` needs whole names in `repository`, such as `acme/digits`';
}
