export interface CiIdentity {
  issuer: string;
  subject: string;
  repository: string;
  ref: string;
  isRefProtected: boolean | null;
  isFork: boolean | null;
  run: string | null;
}
