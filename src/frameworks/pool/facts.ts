import {
  gameServerPoolSpec,
  gameServerPoolStatus,
  type GameServerPoolSpec,
  type GameServerPoolStatus,
} from '../../api/gameserverpool.ts';
import { LABEL } from '../../api/group.ts';
import { KIND } from '../../api/kinds.ts';
import {
  commonFacts,
  keptTemplate,
  NO_TEMPLATE,
  shapeOf,
  type RawObject,
  type Workload,
} from '../../snapshot/workload.ts';
import { keepsVolumes } from '../../snapshot/volumes/own-volumes.ts';
import { withEviction } from './eviction.ts';
import { fixedPartOf } from './in-place.ts';

/** A GameServerPool, read. */
export type PoolFacts = Workload<GameServerPoolSpec, GameServerPoolStatus>;

/** Reads a GameServerPool. */
export function poolFacts(raw: RawObject): PoolFacts {
  const facts = commonFacts<GameServerPoolSpec, GameServerPoolStatus>(
    raw,
    gameServerPoolSpec,
    gameServerPoolStatus,
    { template: NO_TEMPLATE },
  );
  const { name, namespace = '' } = facts.metadata;
  const { template, ports, health, update } = facts.spec;
  const own = { [LABEL.pool]: name };
  const shape = shapeOf(template, ports, namespace, own, health?.query, facts.spec);
  const spec = {
    ...facts.spec,
    template: keptTemplate(shape),
    // A server more would be one in another slot, with other volumes.
    update: keepsVolumes(shape) ? { ...update, maxSurge: 0 } : update,
  };
  return {
    ...facts,
    names: KIND.pool,
    spec,
    groups: [{ name: '', shape: { ...withEviction(shape, spec.eviction), fixedPart: fixedPartOf(shape) } }],
  };
}
