import { gangs } from './invalid-gangs.ts';
import { lives } from './invalid-job-life.ts';
import { queries } from './invalid-queries.ts';
import { claims } from './invalid-claims.ts';
import { roles } from './invalid-roles.ts';
import { volumes } from './invalid-volumes.ts';
import { badPorts } from './invalid-ports.ts';
import { container, job, pool, role, template, withResources, type Manifest } from './manifests.ts';

/** A manifest that the API server must refuse, and the parts that its answer must have: the field and what to do. */
export interface Invalid {
  readonly why: string;
  readonly manifest: Manifest;
  readonly says: readonly string[];
}

const firstContainer = 'spec.template.spec.containers[0]';
const game = { name: 'game', containerPort: 8303 };
const group = (extra: Manifest = {}) => ({ name: 'worker', template: template(), ...extra });
const amount = 'an amount must be a quantity that is not negative';

const badRole = (why: string, name: string): Invalid => ({
  why: `role: ${why}`,
  manifest: pool({ role: name }),
  says: ['spec.role', 'lower-case names separated by single slashes'],
});

const badAmount = (value: unknown): Invalid => ({
  why: `amount ${JSON.stringify(value)}`,
  manifest: pool({ template: withResources({ cpu: value }) }),
  says: [`${firstContainer}.resources.requests[cpu]`, amount],
});

const badPortName = (name: string): Invalid => ({
  why: `port name ${name}`,
  manifest: pool({ ports: [{ ...game, name }] }),
  says: ['spec.ports[0].name', 'a port name must start with a lower-case letter'],
});

const refusedField = (field: string, value: unknown, advice: string): Invalid => ({
  why: field,
  manifest: pool({ template: template({ [field]: value }) }),
  says: [`spec.template.spec.${field}`, advice],
});

const names: Invalid[] = [
  {
    why: 'pool name too long',
    manifest: pool({}, 'a'.repeat(51)),
    says: ['metadata.name must be a DNS label of at most 50 characters'],
  },
  {
    why: 'pool name with a dot',
    manifest: pool({}, 'eu.arena'),
    says: ['metadata.name must be a DNS label'],
  },
  {
    why: 'job and group names too long together',
    manifest: job({ groups: [group({ name: 'a'.repeat(20) })] }, 'b'.repeat(31)),
    says: [
      'metadata.name must be a DNS label',
      'at most 50 characters together with the longest name in spec.groups',
    ],
  },
  {
    why: 'role object with a dot in its name',
    manifest: role({}, 'studio.arena'),
    says: ['metadata.name is the name of the role'],
  },
  badRole('upper case', 'Studio'),
  badRole('leading slash', '/studio'),
  badRole('trailing slash', 'studio/'),
  badRole('empty component', 'studio//arena'),
  badRole('17 levels', `a${'/a'.repeat(16)}`),
  badRole('dot', 'studio/.'),
  badRole('two dots', '../studio'),
  badRole('star', '*'),
  badRole('underscore', 'my_studio'),
  badRole('component of 64 characters', 'a'.repeat(64)),
  { why: 'role: empty', manifest: pool({ role: '' }), says: ['spec.role', 'at least 1 chars'] },
  {
    why: 'role: too long',
    manifest: pool({ role: 'a/'.repeat(130) + 'a' }),
    says: ['spec.role', 'Too long'],
  },
  { why: 'job role', manifest: job({ role: 'a b' }), says: ['spec.role', 'lower-case names'] },
];

const pools: Invalid[] = [
  {
    why: 'negative replicas',
    manifest: pool({ replicas: -1 }),
    says: ['spec.replicas', 'greater than or equal to 0'],
  },
  {
    why: 'too many replicas',
    manifest: pool({ replicas: 100_001 }),
    says: ['spec.replicas', 'less than or equal to 100000'],
  },
  {
    why: 'replicas as text',
    manifest: pool({ replicas: 'three' }),
    says: ['spec.replicas', 'must be of type integer'],
  },
  {
    why: 'half a replica',
    manifest: pool({ replicas: 1.5 }),
    says: ['spec.replicas', 'must be of type integer'],
  },
  { why: 'unknown field', manifest: pool({ replica: 3 }), says: ['unknown field "spec.replica"'] },
  {
    why: 'priority out of bounds',
    manifest: pool({ priority: 1001 }),
    says: ['spec.priority', 'less than or equal to 1000'],
  },
  {
    why: 'unknown scheduling',
    manifest: pool({ scheduling: 'Spread' }),
    says: ['spec.scheduling', '"Packed", "Distributed"'],
  },
  { why: 'no template', manifest: pool({ template: undefined }), says: ['spec.template', 'Required value'] },
  {
    why: 'nodeLossSeconds too short',
    manifest: pool({ recovery: { nodeLossSeconds: 4 } }),
    says: ['spec.recovery.nodeLossSeconds', 'greater than or equal to 5'],
  },
  {
    why: 'maxBackoffSeconds too long',
    manifest: pool({ recovery: { maxBackoffSeconds: 3601 } }),
    says: ['spec.recovery.maxBackoffSeconds', 'less than or equal to 3600'],
  },
  {
    why: 'a crash budget of nothing',
    manifest: pool({ crashBudget: { limit: 0 } }),
    says: ['spec.crashBudget.limit', 'greater than or equal to 1'],
  },
  {
    why: 'a crash budget without a limit',
    manifest: pool({ crashBudget: { windowSeconds: 60 } }),
    says: ['spec.crashBudget.limit', 'Required value'],
  },
  {
    why: 'a window for crashes of more than a day',
    manifest: pool({ crashBudget: { limit: 5, windowSeconds: 86_401 } }),
    says: ['spec.crashBudget.windowSeconds', 'less than or equal to 86400'],
  },
  {
    why: 'an unknown eviction policy',
    manifest: pool({ eviction: { policy: 'Sometimes' } }),
    says: ['spec.eviction.policy', 'Unsupported value: "Sometimes"'],
  },
  {
    why: 'a drain that waits longer than a week',
    manifest: pool({ eviction: { drainSeconds: 604_801 } }),
    says: ['spec.eviction.drainSeconds', 'less than or equal to 604800'],
  },
  badPortName('Game'),
  badPortName('8303'),
  badPortName('game-'),
  badPortName('game_udp'),
  {
    why: 'port name too long',
    manifest: pool({ ports: [{ ...game, name: 'a'.repeat(16) }] }),
    says: ['spec.ports[0].name', 'Too long'],
  },
  {
    why: 'port without a name',
    manifest: pool({ ports: [{ containerPort: 1 }] }),
    says: ['spec.ports[0].name', 'Required value'],
  },
  ...badPorts,
  {
    why: 'hostPort for a port of the pool',
    manifest: pool({
      ports: [game],
      template: template({
        containers: [container({ ports: [{ containerPort: 8303, hostPort: 8303, protocol: 'UDP' }] })],
      }),
    }),
    says: ['spec.template.spec.containers', 'remove hostPort from the template'],
  },
  {
    why: 'name of a port of the pool for another port',
    manifest: pool({
      ports: [game],
      template: template({ containers: [container({ ports: [{ name: 'game', containerPort: 9090 }] })] }),
    }),
    says: ['spec.template.spec.containers', 'give it another name'],
  },
  {
    why: 'hostNetwork with ports',
    manifest: pool({ ports: [game], template: template({ hostNetwork: true }) }),
    says: ['spec.template.spec.hostNetwork', 'give each entry of spec.ports the policy Passthrough'],
  },
];

const updates: Invalid[] = [
  {
    why: 'an update that may change nothing',
    manifest: pool({ update: { maxSurge: 0, maxUnavailable: '0%' } }),
    says: ['spec.update', 'maxSurge and maxUnavailable cannot both be 0'],
  },
  ...['-1', '101%', '5.5%', 'all', -1].map((maxSurge) => ({
    why: `a surge of ${maxSurge}`,
    manifest: pool({ update: { maxSurge } }),
    says: ['spec.update.maxSurge', 'write a number of servers such as 3, or a part of them such as 25%'],
  })),
  {
    why: 'an overflow label that Proffer goes by',
    manifest: pool({ update: { overflow: { labels: { 'proffer.dev/state': 'Ready' } } } }),
    says: ['spec.update.overflow.labels', 'names that begin with proffer.dev/ are kept for Proffer'],
  },
];

const templates: Invalid[] = [
  refusedField('restartPolicy', 'Always', 'restartPolicy must be Never or left out'),
  refusedField('restartPolicy', 'OnFailure', 'Proffer recreates a failed task itself'),
  refusedField('nodeName', 'node-1', 'remove nodeName: an accepted offer chooses the node'),
  refusedField('schedulerName', 'default-scheduler', 'remove schedulerName'),
  refusedField('schedulingGates', [{ name: 'wait' }], 'remove schedulingGates'),
  refusedField('ephemeralContainers', [{ name: 'debug', image: 'debug' }], 'remove ephemeralContainers'),
  {
    why: 'no containers',
    manifest: pool({ template: { spec: {} } }),
    says: ['spec.template.spec.containers', 'Required value'],
  },
  {
    why: 'empty containers',
    manifest: pool({ template: { spec: { containers: [] } } }),
    says: ['spec.template.spec.containers', 'at least 1 items'],
  },
  {
    why: 'container without a name',
    manifest: pool({ template: { spec: { containers: [{ image: 'a' }] } } }),
    says: [`${firstContainer}.name`, 'Required value'],
  },
  {
    why: 'container name with upper case',
    manifest: pool({ template: { spec: { containers: [container({ name: 'Server' })] } } }),
    says: [`${firstContainer}.name`, 'a container name must be a DNS label'],
  },
  {
    why: 'two containers of one name',
    manifest: pool({ template: { spec: { containers: [container(), container()] } } }),
    says: ['spec.template.spec.containers[1]', 'Duplicate value', 'server'],
  },
  {
    why: 'init container with the name of a container',
    manifest: pool({ template: template({ initContainers: [container()] }) }),
    says: ['spec.template.spec.initContainers', 'give every container of the Pod its own name'],
  },
  {
    why: 'label in the reserved prefix',
    manifest: pool({ template: { metadata: { labels: { 'proffer.dev/pool': 'x' } }, ...template() } }),
    says: ['spec.template.metadata.labels', 'choose another prefix'],
  },
  {
    why: 'annotation in the reserved prefix',
    manifest: pool({ template: { metadata: { annotations: { 'proffer.dev/ports': 'x' } }, ...template() } }),
    says: ['spec.template.metadata.annotations', 'choose another prefix'],
  },
  {
    why: 'annotations that are too long together',
    manifest: pool({
      template: {
        metadata: { annotations: { a: 'x'.repeat(16_384), b: 'x'.repeat(16_383) } },
        ...template(),
      },
    }),
    says: ['spec.template.metadata.annotations', 'at most 32768 characters', 'ConfigMap'],
  },
  {
    why: 'label value with a space',
    manifest: pool({ template: { metadata: { labels: { app: 'my game' } }, ...template() } }),
    says: ['spec.template.metadata.labels', "labels must follow Kubernetes' syntax"],
  },
  badAmount('1.5.5'),
  badAmount('-1'),
  badAmount(-1),
  badAmount('100 m'),
  badAmount('2cores'),
  badAmount(''),
  {
    why: 'a fraction that is not a string',
    manifest: pool({ template: withResources({ cpu: 0.5 }) }),
    says: [`${firstContainer}.resources.requests.cpu`, 'must be of type integer,string'],
  },
  {
    why: 'negative limit of an init container',
    manifest: pool({
      template: template({
        initContainers: [container({ name: 'init', resources: { limits: { memory: '-1Mi' } } })],
      }),
    }),
    says: ['spec.template.spec.initContainers[0].resources.limits[memory]', amount],
  },
  {
    why: 'cpu request above its limit',
    manifest: pool({ template: withResources({ cpu: '2' }, { cpu: '1500m' }) }),
    says: [`${firstContainer}.resources.requests`, 'the cpu request exceeds the cpu limit'],
  },
  {
    why: 'memory request above its limit',
    manifest: pool({ template: withResources({ memory: '1Gi' }, { memory: '1G' }) }),
    says: [`${firstContainer}.resources.requests`, 'the memory request exceeds the memory limit'],
  },
  {
    why: 'ephemeral-storage request above its limit',
    manifest: pool({
      template: withResources({ 'ephemeral-storage': '2Gi' }, { 'ephemeral-storage': '1Gi' }),
    }),
    says: [`${firstContainer}.resources.requests`, 'the ephemeral-storage request exceeds'],
  },
  {
    why: 'unknown resource',
    manifest: pool({ template: withResources({ gpu: 1 }) }),
    says: [`${firstContainer}.resources.requests`, 'by its full name such as nvidia.com/gpu'],
  },
  {
    why: 'a resource with an endless name',
    manifest: pool({ template: withResources({ [`example.com/${'a'.repeat(306)}`]: 1 }) }),
    says: [`${firstContainer}.resources.requests`, 'at most 317 characters'],
  },
  {
    why: 'device without a limit',
    manifest: pool({ template: withResources({ 'nvidia.com/gpu': 1 }) }),
    says: [`${firstContainer}.resources.limits`, 'write in limits what requests say'],
  },
  {
    why: 'half a device',
    manifest: pool({ template: withResources({}, { 'nvidia.com/gpu': '500m' }) }),
    says: [`${firstContainer}.resources.limits`, 'handed out whole'],
  },
];

const jobs: Invalid[] = [
  { why: 'no groups', manifest: job({ groups: [] }), says: ['spec.groups', 'at least 1 items'] },
  {
    why: 'too many groups',
    manifest: job({ groups: Array.from({ length: 9 }, (_, i) => group({ name: `g${i}` })) }),
    says: ['spec.groups', 'at most 8 items'],
  },
  {
    why: 'two groups of one name',
    manifest: job({ groups: [group(), group()] }),
    says: ['spec.groups[1]', 'Duplicate value', 'worker'],
  },
  {
    why: 'group name with upper case',
    manifest: job({ groups: [group({ name: 'Worker' })] }),
    says: ['spec.groups[0].name', 'a group name must be a DNS label'],
  },
  {
    why: 'group name too long',
    manifest: job({ groups: [group({ name: 'a'.repeat(21) })] }),
    says: ['spec.groups[0].name', 'Too long'],
  },
  {
    why: 'group without workers',
    manifest: job({ groups: [group({ replicas: 0 })] }),
    says: ['spec.groups[0].replicas', 'greater than or equal to 1'],
  },
  {
    why: 'too many workers',
    manifest: job({ groups: [group({ replicas: 6000 }), group({ name: 'other', replicas: 4001 })] }),
    says: ['spec.groups', 'at most 10000 workers'],
  },
  {
    why: 'a checkpoint folder that is relative',
    manifest: job({ checkpoint: { path: 'state' } }),
    says: ['spec.checkpoint.path', 'checkpoint.path is absolute: begin it with /'],
  },
  {
    why: 'negative maxRestarts',
    manifest: job({ maxRestarts: -1 }),
    says: ['spec.maxRestarts', 'greater than or equal to 0'],
  },
  {
    why: 'maxRestarts out of bounds',
    manifest: job({ maxRestarts: 1001 }),
    says: ['spec.maxRestarts', 'less than or equal to 1000'],
  },
  {
    why: 'restartPolicy in a group',
    manifest: job({ groups: [group({ template: template({ restartPolicy: 'OnFailure' }) })] }),
    says: ['spec.groups[0].template.spec.restartPolicy', 'must be Never or left out'],
  },
  {
    why: 'bad amount in a group',
    manifest: job({ groups: [group({ template: withResources({ memory: '64MB' }) })] }),
    says: ['spec.groups[0].template.spec.containers[0].resources.requests[memory]', amount],
  },
];

/** Every manifest of the table. */
export const INVALID: readonly Invalid[] = [
  ...names,
  ...pools,
  ...queries,
  ...updates,
  ...volumes,
  ...templates,
  ...jobs,
  ...gangs,
  ...lives,
  ...roles,
  ...claims,
];
