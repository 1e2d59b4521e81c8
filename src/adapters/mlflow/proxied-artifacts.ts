import { remoteFilesAtMost, remoteTooLarge, requireSafePath, remoteAnswer } from '../../core/registry/remote-errors.ts';
import type { RemoteFile, RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import { artifactListForm } from './mlflow-forms.ts';
import type { MlflowHttp } from './mlflow-http.ts';

const depthAtMost = 16;
const artifacts = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * Files that MLflow hands out itself: `mlflow-artifacts:/PATH`, or with a host that is the server's own.
 * https://mlflow.org/docs/latest/self-hosting/architecture/artifact-store
 */
export async function proxiedArtifacts(
  http: MlflowHttp,
  location: string,
  root: string,
  signal: AbortSignal,
): Promise<RemoteFiles> {
  const files: RemoteFile[] = [];
  const visit = async (prefix: string, depth: number): Promise<void> => {
    if (depth > depthAtMost)
      throw remoteTooLarge(location, `folders nested more than ${depthAtMost} deep at ${prefix}`);
    for (const entry of await list(http, location, joined(root, prefix), signal)) {
      const path = requireSafePath(location, joined(prefix, entry.path.split('/').at(-1) ?? ''));
      if (entry.is_dir) await visit(path, depth + 1);
      else files.push({ path, bytes: entry.file_size ?? null, digest: null });
      if (files.length > remoteFilesAtMost) throw remoteTooLarge(location, `more than ${remoteFilesAtMost} files`);
    }
  };
  await visit('', 1);
  return {
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    read: ({ path, bytes }, reading) =>
      http.download(`${artifacts}/${encodedPath(joined(root, path))}`, {}, bytes, reading),
  };
}

async function list(http: MlflowHttp, location: string, path: string, signal: AbortSignal) {
  const answer = await http.ask({ method: 'GET', path: artifacts, query: { path } }, signal);
  if (!answer.ok) throw remoteAnswer(location, `${answer.status} ${answer.message} for the list of its artifacts`);
  const parsed = artifactListForm.safeParse(answer.json);
  if (!parsed.success) throw remoteAnswer(location, 'a list of artifacts that is none');
  return parsed.data.files;
}

const joined = (folder: string, name: string): string => [folder, name].filter((part) => part !== '').join('/');
const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
