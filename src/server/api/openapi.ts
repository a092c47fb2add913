import { fastify } from 'fastify';
import { addCalls, type CounterCalls, type Desk, type Gate } from './calls.ts';

/** The OpenAPI document of the API, as /openapi.json serves it. */
export async function openApi(): Promise<object> {
  const app = fastify();
  await addCalls(app, {} as Desk, {} as CounterCalls, {} as Gate);
  await app.ready();
  return app.swagger();
}
