import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';

/** What a container image, or the place that it lies in, did wrong. Every one ends with the next thing to do. */
export function imageError(
  code:
    | 'image-reference-invalid'
    | 'image-not-found'
    | 'image-platform-missing'
    | 'image-damaged'
    | 'image-too-large'
    | 'registry-unreachable'
    | 'registry-refused'
    | 'registry-credentials',
  message: string,
  next: string,
  cause?: unknown,
): PlimsollError {
  return new PlimsollError({ code, category: categories[code], message, next, cause });
}

const categories: Readonly<Record<Parameters<typeof imageError>[0], ErrorCategory>> = {
  'image-reference-invalid': 'input',
  'image-not-found': 'not-found',
  'image-platform-missing': 'not-found',
  'image-damaged': 'input',
  'image-too-large': 'input',
  'registry-unreachable': 'unavailable',
  'registry-refused': 'unavailable',
  'registry-credentials': 'input',
};

export function wrongDigest(what: string, stated: string, actual: string): PlimsollError {
  return new PlimsollError({
    code: 'image-damaged',
    category: 'input',
    message: `${what} is not what its digest says: stated ${stated}, read ${actual}`,
    next: nextStep(adapterSteps, 'image-damaged'),
    details: { stated, actual },
  });
}

export function damaged(message: string, cause?: unknown): PlimsollError {
  return imageError('image-damaged', message, 'push or save the image again, then plimsoll inspect it again', cause);
}

/** A registry, or a server that it sends to, that does not keep to its protocol: no name or password changes that. */
export function registryAtFault(registry: string, repository: string, why: string): PlimsollError {
  return imageError(
    'registry-refused',
    `${registry} does not let ${repository} be read: ${why}`,
    'report it to whoever runs the registry, or copy the image where it can be read: skopeo copy docker://IMAGE oci:FOLDER:TAG',
  );
}
