import { describe, expect, it } from 'vitest';
import { choosePlatform } from './choose-platform.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('where replicas run', () => {
  it('is this machine unless something else is said, in a pod too', () => {
    expect(choosePlatform({}, {})).toEqual({ name: 'local' });
    expect(choosePlatform({}, { KUBERNETES_SERVICE_HOST: '10.0.0.1', PLIMSOLL_PLATFORM: '' })).toEqual({
      name: 'local',
    });
  });

  it('is the cluster by variables alone, as a pod has them', () => {
    const env = {
      PLIMSOLL_PLATFORM: 'kubernetes',
      PLIMSOLL_NAMESPACE: 'inference',
      PLIMSOLL_INSTALLATION: 'blue',
      PLIMSOLL_REPLICA_IMAGE: `r.example/p@${digest}`,
      PLIMSOLL_URL_FOR_REPLICAS: 'https://plimsoll:7070',
      PLIMSOLL_CA_SECRET_FOR_REPLICAS: 'plimsoll.tls',
      PLIMSOLL_IMAGE_PULL_SECRETS: 'pull,other',
      PLIMSOLL_OWNER: 'deployment/plimsoll.control-plane',
    };
    expect(choosePlatform({}, env)).toEqual({
      name: 'kubernetes',
      context: undefined,
      namespace: 'inference',
      installation: 'blue',
      replicaImage: `r.example/p@${digest}`,
      imagePullSecrets: ['pull', 'other'],
      urlForReplicas: 'https://plimsoll:7070',
      caSecretForReplicas: 'plimsoll.tls',
      deviceResource: 'nvidia.com/gpu',
      nodes: {},
      tokenAudience: 'plimsoll',
      ownerDeployment: 'plimsoll.control-plane',
    });
  });

  it('is what an option says before its variable', () => {
    const env = { PLIMSOLL_PLATFORM: 'local', PLIMSOLL_NAMESPACE: 'one' };
    const chosen = choosePlatform({ platform: 'kubernetes', namespace: 'two', context: 'dev' }, env);
    expect(chosen).toMatchObject({ namespace: 'two', context: 'dev', installation: 'plimsoll' });
  });

  it.each([
    [{ platform: 'k8s' }, '--platform must be local or kubernetes, not `k8s`'],
    [{ namespace: 'a' }, '--namespace is for --platform kubernetes'],
    [{ context: 'a' }, '--context is for --platform kubernetes'],
    [{ platform: 'kubernetes', namespace: '../kube-system' }, '--namespace must be of 1 to 63'],
    [{ platform: 'kubernetes', namespace: '' }, '--namespace must be of 1 to 63'],
    [{ platform: 'kubernetes', installation: 'A' }, '--installation must be of 1 to 63'],
    [{ platform: 'kubernetes', 'replica-image': 'p:1' }, '--replica-image must be by its digest'],
    [{ platform: 'kubernetes', 'url-for-replicas': 'plimsoll:7070' }, '--url-for-replicas must be http://HOST:PORT'],
    [
      { platform: 'kubernetes', 'url-for-replicas': 'https://a:1', 'ca-secret-for-replicas': '../a' },
      '--ca-secret-for-replicas must be the name of a Secret',
    ],
    [
      { platform: 'kubernetes', 'url-for-replicas': 'http://a:1', 'ca-secret-for-replicas': 'a' },
      '--ca-secret-for-replicas is for an https address',
    ],
    [{ platform: 'kubernetes', 'device-resource': 'gpu' }, '--device-resource must be DOMAIN/NAME'],
    [{ platform: 'kubernetes', 'token-audience': 'a b' }, '--token-audience must be a word'],
    [{ platform: 'kubernetes', 'token-audience': 'plimsoll-files' }, 'is of the pods of replicas'],
    [{ platform: 'kubernetes', owner: 'statefulset/p' }, '--owner must be deployment/NAME'],
    [{ platform: 'kubernetes', owner: 'deployment/../../pods' }, '--owner must be deployment/NAME'],
  ])('refuses %j', (values, message) => {
    expect(() => choosePlatform(values, {})).toThrow(message);
  });
});
