import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aClaim,
  aCsiNode,
  aNode,
  aPod,
  aPool,
  aSnapshot,
  aStorageClass,
  aVolume,
} from '../../test/builders/index.ts';
import { buildMatrices } from './matrices.ts';

const ZONE = 'topology.kubernetes.io/zone';
const NODES = ['n1', 'n2', 'n3'];
const onNode = (name: string) => ({
  required: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
    ],
  },
});
/** One value that most draws take, so that many claims are alike, and others that few do. */
const mostly = <T>(usual: T, ...rare: T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const volume = fc.record({
  size: mostly('1Gi', '2Gi'),
  spec: fc.constantFrom<object>({}, { nodeAffinity: onNode('n1') }, { nodeAffinity: onNode('n2') }),
  labels: mostly<Readonly<Record<string, string>>>({}, { [ZONE]: 'east' }, { [ZONE]: 'west' }),
  driver: mostly('disks.example.com', 'others.example.com'),
});
type Volume = typeof volume extends fc.Arbitrary<infer T> ? T : never;
const claim = fc.record({
  of: fc.constantFrom('disks', 'local', 'east'),
  size: mostly('1Gi', '2Gi'),
  modes: mostly(['ReadWriteOnce'], ['ReadWriteMany'], ['ReadWriteOncePod']),
  more: mostly<object>({}, { selectedNode: 'n1' }, { selectedNode: 'n2' }, { deleting: true }),
  isBound: fc.boolean(),
  isKept: mostly(false, true),
  spec: mostly<object>(
    {},
    { selector: { matchLabels: { [ZONE]: 'east' } } },
    { volumeMode: 'Block' },
    { volumeAttributesClassName: 'gold' },
  ),
  volume,
});
const world = fc.record({
  claims: fc.array(claim, { minLength: 2, maxLength: 8 }),
  free: fc.array(volume, { maxLength: 3 }),
  /** How many volumes of the drivers each node takes; 0 = it does not say. */
  limits: fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }),
  /** Claims that Pods use already, and where. */
  used: fc.array(fc.record({ claim: fc.nat(7), node: fc.constantFrom(...NODES) }), { maxLength: 3 }),
  /** Claims of each class. */
  uses: fc.array(fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 8 }),
});

/** The classes of a world, and what there is around them. */
function snapshotOf({
  claims,
  free,
  limits,
  used,
  uses,
}: typeof world extends fc.Arbitrary<infer T> ? T : never) {
  const volumeOf = (name: string, fields: Volume, forClaim?: object) =>
    aVolume(name, { ...fields, of: 'local', ...(forClaim ? { claim: forClaim as { name: string } } : {}) });
  const pools = uses.map((those, i) =>
    aPool(`pool-${i}`)
      .namespace('default')
      .cpu('1')
      .claims(...those.map((number) => `claim-${number}`)),
  );
  const pods = used.map(({ claim: number, node }, i) => aPod(`user-${i}`).on(node).claims(`claim-${number}`));
  return aSnapshot()
    .with(
      aNode('n1').cpu('4').label(ZONE, 'east'),
      aNode('n2').cpu('4').label(ZONE, 'west'),
      aNode('n3').cpu('4'),
      ...pools,
      ...pods,
    )
    .storage({
      classes: [
        aStorageClass('disks', 'disks.example.com'),
        aStorageClass('east', 'disks.example.com', {
          allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['east'] }] }],
        }),
        aStorageClass('local'),
      ],
      claims: claims.map(({ of, size, modes, more, isBound, spec }, i) =>
        aClaim(`claim-${i}`, { of, size, modes, spec, ...more, ...(isBound ? { boundTo: `v-${i}` } : {}) }),
      ),
      volumes: [
        ...claims.flatMap(({ isBound, isKept, volume: its }, i) => {
          const name = `claim-${i}`;
          if (isBound) return [volumeOf(`v-${i}`, its, { name, uid: `uid-claim-${name}` })];
          return isKept ? [volumeOf(`v-${i}`, its, { name })] : [];
        }),
        ...free.map((each, i) => volumeOf(`free-${i}`, each)),
      ],
      csiNodes: limits.flatMap((count, i) =>
        count === 0 ? [] : [aCsiNode(NODES[i]!, { 'disks.example.com': count })],
      ),
    })
    .build();
}

test('classes whose volumes are alike share a row, and it is the one that each would have alone', () => {
  fc.assert(
    fc.property(world, (drawn) => {
      const snapshot = snapshotOf(drawn);
      const rowsOf = ({ a, b, c, allowed, n }: ReturnType<typeof buildMatrices>) =>
        Array.from({ length: a.length / n }, (_, j) =>
          [a, b, c, allowed].map((matrix) => matrix.slice(j * n, j * n + n)),
        );
      const alone = snapshot.classes.flatMap((each) => rowsOf(buildMatrices(snapshot, [each])));
      expect(rowsOf(buildMatrices(snapshot, snapshot.classes))).toEqual(alone);
    }),
    { numRuns: 500 },
  );
});
