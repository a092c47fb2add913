/** What the command line needs to explain, replay and list what is in clusters, to be loaded at once when it does. */
export { readDocuments } from './documents.ts';
export { DumpError } from './dump-error.ts';
export { explain, type ExplainOptions, type Explained } from './explain.ts';
export type { Verdict } from '../matrix/verdict.ts';
export { withObjects } from './merge.ts';
export { newestTime } from './newest.ts';
export { addDocuments, noObjects, type ClusterObjects, type Notes } from './objects.ts';
export type { PortRange } from '../snapshot/port-ranges.ts';
export { replay, type Replayed } from './replay.ts';
export { serversIn, type ServerFacts } from './servers.ts';
export { targetsIn, type Target } from './target.ts';
