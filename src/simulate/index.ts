/** What the command line needs of the simulator, to be loaded at once when a scenario is run. */
export { differenceText } from './difference-text.ts';
export { History } from './history.ts';
export { jsonLine } from './json-lines.ts';
export { readScenario } from './read.ts';
export { runScenario } from './run.ts';
export { sharePicture } from './share-picture.ts';
export { shareSvg } from './share-svg.ts';
export { secondsText, stepText } from './step-text.ts';
export { summaryText } from './summary.ts';
export { Totals } from './totals.ts';
