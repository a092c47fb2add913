import type { Invalid } from './invalid.ts';
import { job, pool, template, type Manifest } from './manifests.ts';

const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const claim = (name: string, extra: Manifest = {}) => ({
  metadata: { name },
  spec: { ...claimSpec, ...extra },
});
const withClaims = (...volumeClaimTemplates: Manifest[]) => pool({ volumeClaimTemplates });

/** Manifests with volumes that the API server must refuse. */
export const volumes: readonly Invalid[] = [
  {
    why: 'a volume whose name is no label',
    manifest: withClaims(claim('World')),
    says: ['spec.volumeClaimTemplates[0].metadata.name', 'the name of a volume must be a DNS label'],
  },
  {
    why: 'two volumes of one name',
    manifest: withClaims(claim('world'), claim('world')),
    says: ['spec.volumeClaimTemplates', 'two volumes have the same name'],
  },
  {
    why: 'a volume that the template has, too',
    manifest: pool({
      volumeClaimTemplates: [claim('world')],
      template: template({ volumes: [{ name: 'world', emptyDir: {} }] }),
    }),
    says: ['spec.volumeClaimTemplates', 'rename or remove it'],
  },
  {
    why: 'a volume of workers that their template has, too',
    manifest: job({
      groups: [
        {
          name: 'worker',
          volumeClaimTemplates: [claim('ckpt')],
          template: template({ volumes: [{ name: 'ckpt', emptyDir: {} }] }),
        },
      ],
    }),
    says: ['spec.groups[0].volumeClaimTemplates', 'rename or remove it'],
  },
  {
    why: 'an access mode that does not exist',
    manifest: withClaims(claim('world', { accessModes: ['ReadWrite'] })),
    says: ['spec.volumeClaimTemplates[0].spec.accessModes[0]', 'Unsupported value: "ReadWrite"'],
  },
  {
    why: 'no access mode',
    manifest: withClaims(claim('world', { accessModes: [] })),
    says: ['spec.volumeClaimTemplates[0].spec.accessModes', 'at least 1 items'],
  },
  {
    why: 'a volume without a size',
    manifest: withClaims(claim('world', { resources: {} })),
    says: ['spec.volumeClaimTemplates[0].spec.resources.requests', 'Required value'],
  },
  {
    why: 'a size that is none',
    manifest: withClaims(claim('world', { resources: { requests: { storage: 'much' } } })),
    says: [
      'spec.volumeClaimTemplates[0].spec.resources.requests.storage',
      'an amount must be a quantity that is not negative',
    ],
  },
  {
    why: 'one volume for each server',
    manifest: withClaims(claim('world', { volumeName: 'disk-1' })),
    says: ['spec.volumeClaimTemplates[0].spec.volumeName', 'remove volumeName'],
  },
  {
    why: 'a retention policy that does not exist',
    manifest: pool({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Recycle' } }),
    says: ['spec.persistentVolumeClaimRetentionPolicy.whenScaled', 'Unsupported value: "Recycle"'],
  },
  {
    why: 'a claim with a label of ours',
    manifest: withClaims({
      metadata: { name: 'world', labels: { 'proffer.dev/slot': '7' } },
      spec: claimSpec,
    }),
    says: ['spec.volumeClaimTemplates[0].metadata.labels', 'names that begin with proffer.dev/'],
  },
  {
    why: 'an ephemeral volume without a claim template',
    manifest: pool({ template: template({ volumes: [{ name: 'tmp', ephemeral: {} }] }) }),
    says: ['spec.template.spec.volumes[0].ephemeral.volumeClaimTemplate', 'Required value'],
  },
  {
    why: 'an ephemeral volume of a job without access modes',
    manifest: job({
      groups: [
        {
          name: 'worker',
          template: template({
            volumes: [
              {
                name: 'tmp',
                ephemeral: { volumeClaimTemplate: { spec: { resources: claimSpec.resources } } },
              },
            ],
          }),
        },
      ],
    }),
    says: [
      'spec.groups[0].template.spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes',
      'Required value',
    ],
  },
];
