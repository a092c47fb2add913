import { ANNOTATION, CUSTOMER_LABEL, ENVIRONMENT, LABEL } from '../../src/api/group.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';

/** What is to be said of one label, annotation or variable. */
type Entry = readonly [writer: string, on: string, meaning: string, example: string];

const OURS = 'Proffer';
const PEOPLE = 'you';
const TASKS = 'Pods of pools and jobs';
const SERVERS = 'Pods of pools';
const WORKERS = 'Pods of jobs';
const CUSTOMERS = 'Pods with `schedulerName: proffer`';

const LABELS: Readonly<Record<keyof typeof LABEL, Entry>> = {
  pool: [OURS, SERVERS, 'Name of the GameServerPool.', 'arena'],
  job: [OURS, WORKERS, 'Name of the TrainingJob.', 'learn'],
  group: [OURS, WORKERS, 'Name of the worker group in its job.', 'worker'],
  slot: [OURS, TASKS, 'Number of the server in its pool, or of the worker in its group, from 0.', '2'],
  revision: [OURS, TASKS, 'Hash of the template and ports that the Pod was made from.', '5d4c8f7b'],
  state: [
    'whoever hands servers to players',
    SERVERS,
    'Players hold the server: Proffer never deletes it, whatever the value. Take the label off when they are gone.',
    'Allocated',
  ],
};

const CUSTOMER_LABELS: Readonly<Record<keyof typeof CUSTOMER_LABEL, Entry>> = {
  framework: [
    PEOPLE,
    CUSTOMERS,
    'Pods of one value and one role are offered room together. Without it those of one owner are.',
    'shop',
  ],
  role: [
    PEOPLE,
    CUSTOMERS,
    'The OfferRole that the Pod draws on. Without it that of its namespace.',
    'ranked',
  ],
  gang: [PEOPLE, CUSTOMERS, 'Name of the gang that the Pod belongs to.', 'light-baking'],
  gangMin: [PEOPLE, CUSTOMERS, 'At least so many Pods of the gang are bound in one go, or none.', '3'],
  revocable: [
    PEOPLE,
    CUSTOMERS,
    'The Pod gives way to all that is not revocable, once all Pods of its framework say so.',
    'true',
  ],
};

const ANNOTATIONS: Readonly<Record<keyof typeof ANNOTATION, Entry>> = {
  failures: [
    OURS,
    TASKS,
    'How many tasks of the slot failed in a row before this one. Left out when none did.',
    '2',
  ],
  ports: [OURS, SERVERS, 'Host ports of the server, as name=port/protocol.', 'game=7001/UDP'],
  boot: [
    OURS,
    TASKS,
    'Boot ID of the node when the Pod was made. Another one on the node tells of a reboot.',
    '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  ],
  role: [
    `${OURS}; you on Pods of your own`,
    `${TASKS}; ${CUSTOMERS}`,
    'The role that the Pod draws on, also the path of a nested one, which a label cannot hold. On Pods of your own the label comes first.',
    'studio/ranked',
  ],
  notice: [
    `${OURS} from \`spec.noticeSeconds\`; you on Pods of your own`,
    `${TASKS}; any other Pod that Proffer placed`,
    'How many seconds before its eviction the Pod is asked to go; an hour at most.',
    '30',
  ],
  inverseOffer: [
    OURS,
    'Pods that are asked to go',
    'Until when the Pod may stay. It goes again when the need is over.',
    '2026-11-25T06:49:58Z',
  ],
};

const VARIABLES: Readonly<Record<keyof typeof ENVIRONMENT, Entry>> = {
  port: [
    OURS,
    'containers of servers',
    'Host port of the port with this name, in capitals, `_` for all but letters and digits.',
    '7001',
  ],
  group: [OURS, 'containers of workers', 'Name of the worker group.', 'worker'],
  rank: [
    OURS,
    'containers of workers',
    'Rank of the worker from 0, counted over all groups in their order.',
    '0',
  ],
  world: [OURS, 'containers of workers', 'Number of workers of all groups.', '3'],
};

/** @param names what each key is called @param end what follows the name of a key */
function table<Key extends string>(
  names: Readonly<Record<Key, string>>,
  entries: Readonly<Record<Key, Entry>>,
  end: (key: Key) => string = () => '',
): string[] {
  const keys = Object.keys(names) as Key[];
  const rows = keys.map((key) => {
    const [writer, on, meaning, example] = entries[key];
    return [code(`${names[key]}${end(key)}`), writer, on, cell(meaning), code(example)];
  });
  return markdownTable(['name', 'who writes it', 'on', 'what it does', 'example'], rows);
}

/** The reference of labels, annotations and environment variables: docs/reference/labels.md. */
export function labelsPage(): string {
  return [
    generatedFrom('hack/generate/labels-page.ts'),
    '# Labels, annotations and environment variables',
    '',
    'The words by which Proffer, your tools and your programs tell each other what a Pod is. Do not change what Proffer writes: it knows its Pods by it.',
    '',
    '## Labels of pools and jobs',
    '',
    ...table(LABEL, LABELS),
    '',
    '## Labels of Pods of your own',
    '',
    'How they work: [any Pod as a customer](../pods.md).',
    '',
    ...table(CUSTOMER_LABEL, CUSTOMER_LABELS),
    '',
    '## Annotations',
    '',
    ...table(ANNOTATION, ANNOTATIONS),
    '',
    '## Environment of the containers',
    '',
    'The containers get them; init containers and sidecars do not. The template cannot set them to something else, and its own variables can refer to them: `$(PROFFER_PORT_GAME)`.',
    '',
    ...table(ENVIRONMENT, VARIABLES, (key) => (key === 'port' ? 'NAME' : '')),
    '',
    '## Environment of the programs',
    '',
    ...markdownTable(
      ['name', 'read by', 'what it does'],
      [
        [
          code('PROFFER_DEBUG'),
          'the command line',
          'Any value: a fault of the program is told with its place in the code.',
        ],
        [code('KUBECONFIG'), 'all commands', 'Files with the cluster and the credentials, as for kubectl.'],
        [
          `${code('POD_NAME')}, ${code('POD_NAMESPACE')}`,
          code('proffer operator'),
          'The name of the replica, and the namespace of its Lease. The chart sets both.',
        ],
      ],
    ),
    '',
  ].join('\n');
}
