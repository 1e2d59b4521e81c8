/** A job of a CI system, as the identity provider of that system names it. */
export interface CiIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** `acme/digits`. */
  readonly repository: string;
  /** In full: `refs/heads/main`. */
  readonly ref: string;
  /** Null where the provider does not say it. */
  readonly isRefProtected: boolean | null;
  /** Whether people without write access to the repository can choose what the job runs; null where nobody says it. */
  readonly isFork: boolean | null;
  /** The number of the run; null where the provider does not say it. */
  readonly run: string | null;
}
