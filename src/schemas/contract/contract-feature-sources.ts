import * as z from 'zod';
import { addIssue, defined, relativePath } from './contract-forms.ts';

const name = () =>
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{C}+$/u);

const registry = () =>
  z
    .string()
    .min(1)
    .max(1024)
    .check((context) => {
      const value = context.value;
      const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1];
      if (scheme === undefined ? !value.endsWith('/') : /^s3:\/\/[^/]+\/(?:.*[^/])$/.test(value)) return;
      const expected = 'the path of a registry file, or `s3://BUCKET/KEY`';
      addIssue(context.issues, value, 'this form of registry is not read', { expected });
    });

const feast = () =>
  z
    .strictObject({
      registry: registry(),
      project: name().optional(),
      featureViews: z.array(name()).min(1).max(64).optional(),
      featureService: name().optional(),
    })
    .check((context) => {
      const { featureService, featureViews } = context.value;
      if ((featureService === undefined) !== (featureViews === undefined)) return;
      const expected = '`featureViews` or `featureService`, and not both';
      addIssue(context.issues, context.value, 'what is read of the registry', { code: 'contradiction', expected });
    })
    .transform(defined);

/** `features`: what computes the features that the model is given. */
export const featureSources = () =>
  z
    .array(
      z
        .strictObject({ path: relativePath.optional(), feast: feast().optional() })
        .check((context) => {
          const { feast: registryOf, path } = context.value;
          if ((registryOf === undefined) !== (path === undefined)) return;
          const expected = '`path` or `feast`, and not both';
          addIssue(context.issues, context.value, 'an entry is one source', { code: 'contradiction', expected });
        })
        .transform(({ path, feast: registryOf }) =>
          registryOf === undefined ? { path: path ?? '' } : { feast: registryOf },
        ),
    )
    .min(1)
    .max(64);
