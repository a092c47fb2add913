import type { z } from 'zod';
import { gameServerClaim } from '../../src/api/gameserverclaim.ts';
import { gameServerPool } from '../../src/api/gameserverpool.ts';
import { KIND, type KindNames } from '../../src/api/kinds.ts';
import { offerRole } from '../../src/api/offerrole.ts';
import { trainingJob } from '../../src/api/trainingjob.ts';

/** A column of `kubectl get`. Together the columns answer: is it well, and if not why. */
export interface Column {
  name: string;
  type: 'integer' | 'string' | 'date';
  jsonPath: string;
  description: string;
  /** 1 shows the column with `-o wide` only. */
  priority?: 1;
}

/** Everything that a CRD says beside its schema. */
export interface Kind {
  names: KindNames;
  schema: z.ZodType;
  columns: Column[];
  /** Fields that `kubectl get --field-selector` and watches can select by. */
  selectable: string[];
  /** Its example, below `examples`; the name of the kind when left out. */
  example?: string;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string };
}

const message: Column = {
  name: 'Message',
  type: 'string',
  jsonPath: '.status.message',
  description: 'Is it well, and if not why.',
};
const age: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the object was created.',
};
const role: Column = {
  name: 'Role',
  type: 'string',
  jsonPath: '.spec.role',
  description: 'Role that the workload draws on; empty for the one of the namespace.',
  priority: 1,
};
const count = (name: string, jsonPath: string, description: string): Column => ({
  name,
  type: 'integer',
  jsonPath,
  description,
});
const text = (name: string, jsonPath: string, description: string): Column => ({
  name,
  type: 'string',
  jsonPath,
  description,
});
/** Shown with `-o wide` only: the state comes first, and a line of `kubectl get` has room on a screen. */
const wide = (column: Column): Column => ({ ...column, priority: 1 });
/** The reason of a condition: one word that says what is so. */
const state = (condition: string, description: string): Column => ({
  name: 'State',
  type: 'string',
  jsonPath: `.status.conditions[?(@.type=="${condition}")].reason`,
  description,
});

/** The kinds that Proffer serves, in the order of the documentation. */
export const KINDS: readonly Kind[] = [
  {
    names: KIND.pool,
    schema: gameServerPool,
    columns: [
      count('Desired', '.spec.replicas', 'Servers asked for.'),
      count('Ready', '.status.readyReplicas', 'Servers ready for players.'),
      count('Allocated', '.status.allocatedReplicas', 'Servers that players hold.'),
      count('Players', '.status.players', 'Players on all servers that tell of them.'),
      count('Updated', '.status.updatedReplicas', 'Servers made from the template as it is now.'),
      count('Pending', '.status.pendingReplicas', 'Servers that wait for an offer they can accept.'),
      message,
      age,
      wide(state('Ready', 'AsExpected, or the layer that holds its servers.')),
      wide(count('Free', '.status.freeReplicas', 'Ready servers that nobody holds.')),
      wide(count('Reserved', '.status.reservedReplicas', 'Servers that are kept for players to come.')),
      wide(count('Capacity', '.status.playerCapacity', 'Players that all servers can take that tell of it.')),
      wide(count('Recovered', '.status.recovered', 'Servers recreated since the pool exists.')),
      role,
    ],
    selectable: ['.spec.role'],
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  {
    names: KIND.job,
    schema: trainingJob,
    columns: [
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the job stands.' },
      count('Active', '.status.active', 'Workers that are placed and have not ended.'),
      {
        name: 'Workers',
        type: 'string',
        jsonPath: '.status.size',
        description: 'Workers asked for; of a job with minReplicas those that it has and the most, as 4/6.',
      },
      count('Succeeded', '.status.succeeded', 'Workers that ended with exit code 0.'),
      count('Restarts', '.status.restarts', 'Workers that failed and were recreated.'),
      count('Step', '.status.progress.step', 'The highest step that a worker told.'),
      {
        name: 'Checkpoint',
        type: 'date',
        jsonPath: '.status.progress.checkpointTime',
        description: 'Time since a worker told of a new checkpoint.',
      },
      wide({
        name: 'ETA',
        type: 'string',
        jsonPath: '.status.progress.timeLeft',
        description: 'How long the other steps take at the pace since the workers last started.',
      }),
      wide(
        count('Place', '.status.queue.place', 'Its place among those of its role that wait; 1 is the next.'),
      ),
      wide({
        name: 'Expected',
        type: 'string',
        jsonPath: '.status.queue.expectedStart',
        description: 'When deadlines of others will have freed its room at the latest.',
      }),
      role,
      age,
      message,
    ],
    selectable: ['.spec.role', '.status.phase'],
  },
  {
    names: KIND.role,
    schema: offerRole,
    columns: [
      state('Satisfied', 'AsExpected, or the layer that holds what waits.'),
      {
        name: 'Share',
        type: 'string',
        jsonPath: '.status.dominantShare',
        description: 'Largest part of any cluster resource that the role and those below it hold.',
      },
      count('Pending', '.status.pending', 'Tasks that wait for an offer.'),
      wide({
        name: 'Of',
        type: 'string',
        jsonPath: '.status.dominantResource',
        description: 'The resource that the share is measured in.',
      }),
      wide({
        name: 'Path',
        type: 'string',
        jsonPath: '.status.path',
        description: 'The role with all above it.',
      }),
      wide(count('Weight', '.spec.weight', 'Divides the dominant share of the role.')),
      wide(count('Frameworks', '.status.frameworks', 'Workloads that draw on the role.')),
      age,
      message,
    ],
    selectable: [],
  },
  {
    names: KIND.serverClaim,
    schema: gameServerClaim,
    columns: [
      text('Pool', '.status.pool', 'Pool of the server.'),
      text('Server', '.status.server', 'Name of its Pod.'),
      text('Address', '.status.address', 'Where players connect to.'),
      count('Port', '.status.ports[0].port', 'The first host port of the server.'),
      text('State', '.status.state', 'Pending, Bound, Lost or Failed.'),
      age,
      wide(text('Node', '.status.node', 'Node of the server.')),
      wide(text('Next', '.spec.next', 'What becomes of the server when the claim is deleted.')),
      wide(text('Session', '.status.session', 'Id of the session on the server.')),
      message,
    ],
    selectable: ['.status.state'],
    example: 'claim/gameserverclaim.yaml',
  },
];
