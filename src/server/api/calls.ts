import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import {
  allocateRequest,
  beginRequest,
  counterBody,
  counterPath,
  problem,
  releaseAnswer,
  releaseRequest,
  reserveRequest,
  sessionAnswer,
  sessionPath,
  sessionQuery,
  type AllocateRequest,
  type BeginRequest,
  type CounterBody,
  type ReleaseAnswer,
  type ReleaseRequest,
  type ReserveRequest,
  type SessionAnswer,
} from '../../api/allocation.ts';
import { invalid } from './problem.ts';
import { SELF, SELF_TOKEN, type Self } from './servers.ts';

/** What the calls are served by. All throw AllocationError. */
export interface Desk {
  allocate(request: AllocateRequest, signal: AbortSignal): Promise<SessionAnswer>;
  reserve(request: ReserveRequest, signal: AbortSignal): Promise<SessionAnswer>;
  begin(request: BeginRequest): Promise<SessionAnswer>;
  release(request: ReleaseRequest): Promise<ReleaseAnswer>;
  session(of: BeginRequest): Promise<SessionAnswer>;
}

/** What the calls of servers are served by. */
export interface CounterCalls {
  /** Says how much of something a server has. @throws AllocationError */
  put(server: Self, name: string, counter: CounterBody): Promise<void>;
}

/** Who may do what. Both throw AllocationError. */
export interface Gate {
  /** Is asked of a valid request of a matchmaker before it is served. */
  authorize(request: FastifyRequest, verb: 'create' | 'get', namespace: string): Promise<void>;
  /** The server that calls. */
  self(request: FastifyRequest): Self;
}

/** Aborts when the caller of a request is gone. */
export const whileCalling = ({ raw }: FastifyReply): AbortSignal => {
  const gone = new AbortController();
  raw.once('close', () => raw.writableFinished || gone.abort(new Error('the caller hung up')));
  return gone.signal;
};

/** Answers that any call can have, besides its own. */
const problems = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: 'See docs/reference/errors.md.',
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
const ALWAYS = [400, 401, 403, 503];

/** Adds all calls of the API to a server. */
export async function addCalls(
  plain: FastifyInstance,
  desk: Desk,
  counters: CounterCalls,
  gate: Gate,
): Promise<void> {
  plain.setValidatorCompiler(({ schema }: { schema: z.ZodType }) => (data: unknown) => {
    const { data: value, error } = schema.safeParse(data);
    return error ? { error: invalid(error) } : { value };
  });
  plain.setSerializerCompiler(serializerCompiler);
  await plain.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Proffer allocation',
        version: 'v1',
        description: 'Gives game servers to sessions, each exactly once. docs/allocation.md explains it.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          // OpenAPI 3.1 has it, its types do not.
          certificate: {
            type: 'mutualTLS',
            description: 'Where the API has an authority for callers.',
          } as never,
          podToken: { type: 'http', scheme: 'bearer', description: SELF_TOKEN },
        },
      },
      security: [{ token: [] }, { certificate: [] }],
    },
    transform: jsonSchemaTransform,
  });
  const app = plain.withTypeProvider<ZodTypeProvider>();

  const post = <B extends z.ZodType<{ namespace: string }>, A extends z.ZodType>(
    name: string,
    summary: string,
    body: B,
    answer: A,
    more: number[],
    serve: (body: z.infer<B>, signal: AbortSignal) => Promise<z.infer<A>>,
  ) => {
    const response = { 200: answer, ...problems(...ALWAYS, ...more) };
    const schema: FastifySchema = { operationId: name, summary, body, response };
    plain.post(`/v1/${name}`, { schema }, async (request, reply) => {
      const asked = request.body as z.infer<B>;
      await gate.authorize(request, 'create', asked.namespace);
      return serve(asked, whileCalling(reply));
    });
  };

  post(
    'allocate',
    'Gives a session a server, or the one that it has.',
    allocateRequest,
    sessionAnswer,
    [404, 409, 429],
    (body, signal) => desk.allocate(body, signal),
  );
  post(
    'reserve',
    'Keeps a server for a session for a while.',
    reserveRequest,
    sessionAnswer,
    [404, 409, 429],
    (body, signal) => desk.reserve(body, signal),
  );
  post('begin', 'Says that a session has begun.', beginRequest, sessionAnswer, [404, 409, 429], (body) =>
    desk.begin(body),
  );
  post('release', 'Takes the server of a session back.', releaseRequest, releaseAnswer, [409, 429], (body) =>
    desk.release(body),
  );
  app.get(
    '/v1/sessions/:session',
    {
      schema: {
        operationId: 'session',
        summary: 'The server of a session.',
        params: sessionPath,
        querystring: sessionQuery,
        response: { 200: sessionAnswer, ...problems(...ALWAYS, 404, 429) },
      },
    },
    async (request) => {
      const of = { ...request.params, ...request.query };
      await gate.authorize(request, 'get', of.namespace);
      return desk.session(of);
    },
  );
  app.put(
    `${SELF}counters/:name`,
    {
      schema: {
        operationId: 'counter',
        summary: 'Says how much of something the server that calls has.',
        security: [{ podToken: [] }],
        params: counterPath,
        body: counterBody,
        response: { 200: counterBody, ...problems(...ALWAYS, 429) },
      },
    },
    async (request) => {
      await counters.put(gate.self(request), request.params.name, request.body);
      return request.body;
    },
  );
  app.get('/openapi.json', { schema: { hide: true } }, () => plain.swagger());
}
