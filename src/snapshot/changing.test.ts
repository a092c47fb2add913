import { describe, expect, test } from 'vitest';
import { aPod, aPool } from '../../test/builders/index.ts';
import type { Pod } from './reading/objects.ts';
import { failureOf } from './class.ts';
import { createPodReader } from './task.ts';

const read = createPodReader();
const server = () =>
  aPod('arena-0')
    .ofPool(aPool('arena'), 0)
    .on('n1')
    .revision('new')
    .annotation('proffer.dev/changing', 'main=containerd://1');

/** A Pod whose main container has an id. */
function withId(pod: Pod, containerID: string): Pod {
  const [main] = pod.status!.containerStatuses!;
  const { terminated } = main!.state!;
  const state = terminated ? { terminated: { ...terminated, containerID } } : main!.state!;
  return { ...pod, status: { ...pod.status, containerStatuses: [{ ...main!, containerID, state }] } };
}

describe('a server that was changed in place', () => {
  test('is of no use while the container before runs, or none is told of', () => {
    const before = read(withId(server().ready().build(), 'containerd://1'));
    expect(before).toMatchObject({ ready: false, task: { changing: true, revision: 'new' } });
    expect(read(server().ready().build())).toMatchObject({ ready: false, task: { changing: true } });
  });

  test('is ready again with the next container', () => {
    const after = read(withId(server().ready().build(), 'containerd://2'));
    expect(after).toMatchObject({ ready: true, task: { changing: false } });
  });

  test('that is asked over the network waits for its next answer; what was found before does not count', () => {
    const asked = () => server().ready().asked({}, '10.0.0.1').found('Answered');
    const before = read(withId(asked().build(), 'containerd://1')).task!;
    expect(before.asked).toMatchObject({ isRunning: false, verdict: undefined });
    const after = read(withId(asked().build(), 'containerd://2'));
    expect(after).toMatchObject({ ready: false, task: { changing: true, asked: { isRunning: true } } });
    expect(after.task!.asked!.verdict).toBeUndefined();
  });

  test('and ends with the container before has not failed: its kubelet could not start the next', () => {
    const ended = read(withId(server().exited(137).build(), 'containerd://1'));
    expect(ended.task!.exit).toMatchObject({ code: 137, byChange: true });
    expect(failureOf(ended)).toBeUndefined();
    const crashed = read(withId(server().exited(137).build(), 'containerd://2'));
    expect(crashed.task!.exit).toMatchObject({ byChange: false });
    expect(failureOf(crashed)).toMatchObject({ kind: 'crashed' });
  });

  test('is of no template while its node does not grant its resources', () => {
    const pod = server().ready().build();
    const pending = { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message: 'no room' };
    const conditions = [...pod.status!.conditions!, pending];
    expect(read({ ...pod, status: { ...pod.status, conditions } }).task).toMatchObject({
      revision: 'changing',
      fixedPart: 'refused: Infeasible: no room',
    });
  });
});
