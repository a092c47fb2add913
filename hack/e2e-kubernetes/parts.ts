import type { Cluster, ShapeOptions } from '../cluster/index.ts';
import { prepareNodes } from './ground.ts';
import { loadImages } from './images.ts';

/** Tests of Kubernetes' suite that belong together, and what they run on. */
export interface Part {
  /** Regular expressions over the names of tests, of Go. */
  readonly focus: string;
  readonly skip: string;
  readonly shape: ShapeOptions;
  /** Makes a cluster of the shape ready for them. */
  readonly prepare: (cluster: Cluster, program: string, env: NodeJS.ProcessEnv) => Promise<void>;
}

/** Tests of scheduling whose Pods take their time to end, or that wait for a kubelet to tell of a new resource. */
const WITH_KUBELETS = 'pod overhead is accounted for|is added to the preempted pod|with the async preemption';

/** The parts by name. */
export const PARTS: Readonly<Record<string, Part>> = {
  // Where Pods go can be seen on fake nodes. Four, since the tests ask for so many, in two zones.
  scheduling: {
    focus: String.raw`\[sig-scheduling\]`,
    // GPUs need a cloud's driver; a Workload is an API of another gang scheduler, off by default.
    skip: String.raw`FeatureGate:GenericWorkload|\[Feature:GPU|${WITH_KUBELETS}`,
    shape: { fakeNodes: 4, kwok: true, fakeNode: { cpu: '4', memory: '16Gi', zones: 2 } },
    prepare: prepareNodes,
  },
  // Controllers get along with it when what they make runs, ends and is made anew.
  kubelets: {
    focus: String.raw`\[sig-apps\]|${WITH_KUBELETS}`,
    skip: String.raw`\[Feature:OffByDefault\]|\[Disruptive\]`,
    shape: { nodes: 2 },
    prepare: loadImages,
  },
};
