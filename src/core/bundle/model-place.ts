const placePattern = /^(?:mlflow|oci|s3):/;

/** Whether a model can be fetched from there by another machine; a folder of this one, or nothing, is no place. */
export function isModelPlace(source: string | undefined): source is string {
  return source !== undefined && placePattern.test(source);
}
