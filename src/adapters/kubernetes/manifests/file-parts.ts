import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { digestOf } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import type { ReplicaFileList } from '../../../ports/serving/replica-files.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { filesAudience } from '../../../schemas/replica/replica-files.ts';
import { filesContainerName } from './labels.ts';
import type { ManifestOptions } from './placement.ts';

const tokenFolder = '/var/run/plimsoll';
const authorityFolder = '/var/run/plimsoll-ca';
/** The kubelet renews it after four fifths; a download that lasts longer reads it again. */
const tokenSeconds = 3_600;

/** What the pod of a set with files has besides: the container that fetches them, and its volumes. */
export interface FileParts {
  readonly initContainers: readonly JsonObject[];
  readonly volumes: readonly JsonObject[];
  /** Of the replica itself: the model is there to be read. */
  readonly mounts: readonly JsonObject[];
}

const noFiles: FileParts = { initContainers: [], volumes: [], mounts: [] };

/**
 * An init container of Plimsoll's own image. Its token is bound to the pod and good for nothing else; the replica itself
 * gets none. Where the installation names no address or no image for it:
 *
 * | files | of the built-in model server | of `code.image` |
 * |---|---|---|
 * | of the code | refused | refused |
 * | of the model | refused | in the image, where a golden set shows which model answers; else refused |
 *
 * @throws PlimsollError `replica-files-missing` (unavailable).
 */
export function makeFileParts(
  spec: ReplicaSetSpec,
  { home, model }: { readonly home: string; readonly model: string },
  { own, filesFrom, filesAuthority }: ManifestOptions,
): FileParts {
  const { codeFiles, image, model: served } = spec.workload;
  if (codeFiles.length + served.files.length === 0) return noFiles;
  if (filesFrom === undefined || own.image === null) {
    if (codeFiles.length > 0 || image === undefined) throw filesMissing(spec);
    if (spec.golden === undefined) throw modelNotShown(spec);
    return noFiles;
  }
  const words = ['fetch-files', '--from', filesFrom, '--token-file', `${tokenFolder}/token`];
  const fetching: JsonObject = {
    name: filesContainerName,
    image: own.image,
    imagePullPolicy: 'IfNotPresent',
    command: own.command,
    // What the API server says is wanted: whoever answers in the place of the control plane cannot bring other files.
    args: [...words, '--code-into', home, '--model-into', model, '--list-digest', digestOf(listOf(spec))],
    ...(filesAuthority === undefined
      ? {}
      : { env: [{ name: 'NODE_EXTRA_CA_CERTS', value: `${authorityFolder}/ca.crt` }] }),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'home', mountPath: home },
      { name: 'model', mountPath: model },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'files-token', mountPath: tokenFolder, readOnly: true },
      ...(filesAuthority === undefined ? [] : [{ name: 'files-ca', mountPath: authorityFolder, readOnly: true }]),
    ],
  };
  const token = { serviceAccountToken: { audience: filesAudience, expirationSeconds: tokenSeconds, path: 'token' } };
  return {
    initContainers: [fetching],
    volumes: [
      { name: 'model', emptyDir: {} },
      { name: 'files-token', projected: { sources: [token] } },
      // The key of the certificate stays with the control plane.
      ...(filesAuthority === undefined
        ? []
        : [{ name: 'files-ca', secret: { secretName: filesAuthority, items: [{ key: 'ca.crt', path: 'ca.crt' }] } }]),
    ],
    mounts: [{ name: 'model', mountPath: model, readOnly: true }],
  };
}

const listOf = ({ workload }: ReplicaSetSpec): ReplicaFileList => ({
  code: workload.codeFiles,
  model: workload.model.files,
});

function filesMissing({ set, workload }: ReplicaSetSpec): PlimsollError {
  const count = workload.codeFiles.length + workload.model.files.length;
  return new PlimsollError({
    code: 'replica-files-missing',
    category: 'unavailable',
    message: `${set} needs ${count} files of code and model, and its pods do not know where to fetch them`,
    next: 'start the control plane with --url-for-replicas URL and --replica-image IMAGE, or put code and weights into `code.image`',
  });
}

function modelNotShown({ set, workload: { model } }: ReplicaSetSpec): PlimsollError {
  return new PlimsollError({
    code: 'replica-files-missing',
    category: 'unavailable',
    message: `${set} serves version ${model.version} of ${model.name} from its image, and no golden set shows that it is that version`,
    next: nextStep(adapterSteps, 'replica-files-missing'),
  });
}
