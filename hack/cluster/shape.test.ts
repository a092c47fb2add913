import { describe, expect, test } from 'vitest';
import { describeShape, hasStaticNodes, shapeOf } from './shape.ts';

describe('shapeOf', () => {
  test('by default is a control plane alone', () => {
    expect(describeShape(shapeOf({}))).toBe('control plane');
    expect(describeShape(shapeOf({ nodes: 1, fakeNodes: 2, scheduler: false, fast: true }))).toBe(
      'control plane, 1 real node, 2 fake nodes, kwok, fast failure detection',
    );
  });

  test('real nodes bring kube-scheduler, and kwok when there are fake nodes too', () => {
    expect(shapeOf({ nodes: 2 })).toMatchObject({ scheduler: true, kwok: false });
    expect(shapeOf({ nodes: 2, fakeNodes: 10 })).toMatchObject({ scheduler: true, kwok: true });
    expect(shapeOf({ nodes: 2, scheduler: false })).toMatchObject({ scheduler: false });
  });

  test('the controllers that watch leases are off only where nobody renews them', () => {
    expect(hasStaticNodes(shapeOf({ fakeNodes: 10 }))).toBe(true);
    expect(hasStaticNodes(shapeOf({ fakeNodes: 10, kwok: true }))).toBe(false);
    expect(hasStaticNodes(shapeOf({ nodes: 1, fakeNodes: 10 }))).toBe(false);
  });

  test.each([
    ['nodes', { nodes: -1 }],
    ['nodes', { nodes: 24 }],
    ['fakeNodes', { fakeNodes: 1.5 }],
    ['fakeNode.zones', { fakeNode: { zones: 0 } }],
  ])('refuses a bad %s by name', (field, options) => {
    expect(() => shapeOf(options)).toThrow(`${field}: `);
  });
});
