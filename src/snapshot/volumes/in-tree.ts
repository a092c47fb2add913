/** A kind of disk of a cloud that was once a part of Kubernetes, and the CSI driver that has taken it over. */
interface Migrated {
  /** Field of a volume's source. */
  readonly source: string;
  /** Name as a provisioner. */
  readonly provisioner: string;
  readonly driver: string;
}

/** Those whose limits of attached volumes count as their driver's (k8s.io/csi-translation-lib). */
const MIGRATED: readonly Migrated[] = [
  {
    source: 'awsElasticBlockStore',
    provisioner: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
  },
  {
    source: 'gcePersistentDisk',
    provisioner: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
  },
  { source: 'azureDisk', provisioner: 'kubernetes.io/azure-disk', driver: 'disk.csi.azure.com' },
  { source: 'cinder', provisioner: 'kubernetes.io/cinder', driver: 'cinder.csi.openstack.org' },
  {
    source: 'portworxVolume',
    provisioner: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
  },
];

/** Fields of a volume's source that stand for a driver's volumes. */
export const MIGRATED_SOURCES: readonly string[] = MIGRATED.map(({ source }) => source);

/** The field of a source that is one of them; undefined for other volumes. */
export const migratedSource = (spec: object): string | undefined =>
  MIGRATED_SOURCES.find((source) => source in spec);

/** The driver that attaches what a source of that field names. */
export const driverOfSource = (field: string): string | undefined =>
  MIGRATED.find(({ source }) => source === field)?.driver;

/** The driver that attaches what a provisioner makes: mostly it has that name itself. */
export const driverOfProvisioner = (name: string): string =>
  MIGRATED.find(({ provisioner }) => provisioner === name)?.driver ?? name;
