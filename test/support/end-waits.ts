import { afterEach } from 'vitest';
import { endWaits } from './until.ts';

// Set up before a file's own hooks, so that it runs after them.
afterEach(endWaits);
