import { describe, expect, test } from 'vitest';
import { inPlace, type ChangedPod } from './in-place.ts';

const LABELS = { 'proffer.dev/revision': 'new' };
const resources = (cpu: string, limit: string) => ({ requests: { cpu }, limits: { cpu: limit } });
const pod: ChangedPod = {
  metadata: { name: 'arena-0' },
  spec: {
    containers: [
      { name: 'main', image: 'game:1', resources: resources('1', '2') },
      { name: 'log', image: 'log:1' },
    ],
  },
  status: { containerStatuses: [{ name: 'main', containerID: 'containerd://1' }, { name: 'log' }] },
};
const to = (main: object, log: object = {}, metadata?: object) => {
  const containers = [
    { name: 'main', image: 'game:1', ...main },
    { name: 'log', image: 'log:1', ...log },
  ];
  return inPlace(pod, { ...(metadata ? { metadata } : {}), spec: { containers } }, 'new');
};

describe('a Pod comes to a template', () => {
  test('that is the same by the label of the revision alone', () => {
    expect(to({ resources: resources('1000m', '2') })).toEqual({
      resize: undefined,
      spec: {},
      metadata: { labels: LABELS, annotations: {} },
      restarted: new Map(),
    });
  });

  test('with another image by starting that container anew', () => {
    const { resize, spec, restarted } = to({ image: 'game:2' });
    expect({ resize, spec }).toEqual({
      resize: undefined,
      spec: { containers: [{ name: 'main', image: 'game:2' }] },
    });
    expect([...restarted]).toEqual([['main', 'containerd://1']]);
  });

  test('with another image of a container that never ran, without waiting for the end of one', () => {
    const { spec, restarted } = to({}, { image: 'log:2' });
    expect(spec).toEqual({ containers: [{ name: 'log', image: 'log:2' }] });
    expect(restarted.size).toBe(0);
  });

  test.each<[what: string, wanted: object, sent: object | undefined]>([
    ['less cpu', resources('500m', '2'), resources('500m', '2')],
    ['a higher limit', resources('1', '3'), resources('1', '3')],
    ['a limit alone, for which as much is asked', { limits: { cpu: '1' } }, resources('1', '1')],
    ['what stands there already', { requests: { cpu: '1' } }, undefined],
    ['disk, which no resize changes', { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } }, undefined],
  ])('with %s by a resize', (_, wanted, sent) => {
    expect(to({ resources: wanted }).resize).toEqual(
      sent && { containers: [{ name: 'main', resources: sent }] },
    );
  });

  test('with other labels and annotations', () => {
    const metadata = { labels: { version: '2' }, annotations: { note: 'x' } };
    expect(to({}, {}, metadata).metadata).toEqual({
      labels: { version: '2', ...LABELS },
      annotations: { note: 'x' },
    });
  });

  test('which sets what it counts anew when a container starts anew', () => {
    const annotations = { 'proffer.dev/counter.players': '0/16' };
    expect(to({}, {}, { annotations }).metadata.annotations).toEqual({});
    expect(to({ image: 'game:2' }, {}, { annotations }).metadata.annotations).toEqual(annotations);
  });
});
