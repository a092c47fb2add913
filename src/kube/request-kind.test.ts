import { expect, test } from 'vitest';
import { requestKind } from './request-kind.ts';

test.each([
  ['GET', '/api/v1/pods', 'list pods  '],
  ['GET', '/api/v1/namespaces', 'list namespaces  '],
  ['GET', '/api/v1/namespaces/a', 'get namespaces  a'],
  ['PUT', '/api/v1/namespaces/a/status', 'update namespaces/status  a'],
  ['POST', '/api/v1/namespaces/a/pods', 'create pods a '],
  ['POST', '/api/v1/namespaces/a/pods/p/binding', 'create pods/binding a p'],
  [
    'PATCH',
    '/apis/proffer.dev/v1alpha1/namespaces/a/gameserverpools/g/status',
    'patch gameserverpools/status a g',
  ],
  ['DELETE', '/api/v1/nodes/n', 'delete nodes  n'],
  ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection pods a '],
  ['GET', '/version', 'get /version  '],
])('%s %s', (method, path, want) => {
  const { verb, resource, namespace, name } = requestKind(method, path);
  expect(`${verb} ${resource} ${namespace} ${name}`).toBe(want);
});
