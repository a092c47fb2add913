import { ClusterRun } from './cluster-run.ts';
import type { StepReport } from './report.ts';
import type { Scenario } from './scenario.ts';
import { SorterRun } from './sorter-run.ts';

/**
 * Runs a scenario step by step; expectations that do not hold are in the reports and stop nothing.
 * @param watch told of each batch of a step that takes many @throws ScenarioError at a step that cannot be
 */
export function* runScenario(
  scenario: Scenario,
  watch: (step: number, time: number) => void = () => {},
): Generator<StepReport, void> {
  if (scenario.about === 'cluster') {
    const run = new ClusterRun(scenario.file, scenario.options, watch);
    for (const step of scenario.steps) yield run.step(step);
  } else {
    const run = new SorterRun(scenario.file, scenario.options);
    for (const step of scenario.steps) yield run.step(step);
  }
}
