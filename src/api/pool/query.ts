import { z } from 'zod';
import { rules, type Rule } from '../schema/rules.ts';

/** Bytes as people write them: text in which \n, \r, \t, \0, \\ and \xFF stand for a byte each. */
const BYTES = '^([^\\\\]|\\\\[nrt0\\\\]|\\\\x[0-9a-fA-F]{2})*$';
const READABLE = new RegExp(BYTES, 's');

const bytes = (describe: string) =>
  z
    .string()
    .min(1)
    .max(512)
    // Of objects that no API server has looked at.
    .refine((text) => READABLE.test(text), {
      error: String.raw`has a backslash that is none of \n, \r, \t, \0, \\ and \xFF`,
    })
    .describe(`${describe} Text, in which \\n, \\r, \\t, \\0, \\\\ and \\xFF stand for one byte.`)
    .meta(
      rules({
        rule: `self.matches('(?s)${BYTES.replaceAll('\\', '\\\\')}')`,
        message:
          'a backslash starts \\n, \\r, \\t, \\0, \\\\ or \\x with two hex digits: write \\\\ for a backslash itself',
      }),
    )
    .optional();

const seconds = (low: number, high: number, standard: number) => z.int().min(low).max(high).default(standard);

/** How a server is asked whether it answers. */
export const serverQuery = z
  .object({
    protocol: z
      .enum(['A2S', 'Quake3', 'Teeworlds', 'UDP', 'TCP'])
      .describe(
        'How the server is asked: A2S_INFO of the Source engine, getstatus of Quake 3, the query of Teeworlds 0.7, or ' +
          'bytes of your own over UDP or TCP. The first three also tell how many players are on it.',
      ),
    port: z
      .string()
      .min(1)
      .max(15)
      .describe('Name of the port that is asked: one of spec.ports, or of the ports of a container.'),
    send: bytes('What is sent, with UDP or TCP.'),
    expect: bytes('How the answer has to begin, with UDP or TCP. Of UDP any answer will do when left out.'),
    periodSeconds: seconds(1, 3600, 10).describe('How often the server is asked, in seconds.'),
    timeoutSeconds: seconds(1, 60, 1).describe('How long it has to answer, in seconds.'),
    failureThreshold: seconds(2, 100, 3).describe(
      'How many periods in a row it may fail to answer before it is held to be dead or hung.',
    ),
    initialDelaySeconds: seconds(0, 86_400, 0).describe(
      'How long after its start nothing is held against a server that does not answer yet, in seconds. It is asked all ' +
        'the while, and ready as soon as it answers.',
    ),
  })
  .meta(
    rules(
      {
        rule: "self.protocol in ['UDP', 'TCP'] || (!has(self.send) && !has(self.expect))",
        message: 'send and expect are for the protocols UDP and TCP: remove them, or choose one of the two',
      },
      {
        rule: "self.protocol != 'UDP' || has(self.send)",
        message: 'a server says nothing over UDP unless it is asked: give send, the bytes that it answers to',
      },
      {
        rule: "self.protocol != 'TCP' || has(self.expect)",
        message:
          'a connection proves nothing, since the kernel takes it for a server that hangs: give expect, how its answer begins',
      },
      {
        rule: 'self.timeoutSeconds <= self.periodSeconds',
        message:
          'timeoutSeconds must not be longer than periodSeconds: the next question comes after the answer',
      },
    ),
  )
  .describe(
    'A question that the operator asks each server over the network. It is ready while it answers, and replaced when it is ' +
      'dead or hung and nobody holds it.',
  );

/** How the health of servers is known, beside the probes of their template. */
export const serverHealth = z
  .object({ query: serverQuery.optional() })
  .describe('How the health of servers is known, beside the probes of their template.');

/** `spec.health.query`, with defaults filled in. */
export type ServerQuery = z.infer<typeof serverQuery>;
/** What a server is asked by. */
export type QueryProtocol = ServerQuery['protocol'];

/** Why a server does not answer: its port is closed, or it says nothing, or nothing that can be understood. */
export type Unanswered = 'Refused' | 'Silent';

/**
 * Bytes as they stand in a query.
 * @param text that the schema allows
 */
export function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder();
  const parts = text.match(/\\x[0-9a-fA-F]{2}|\\.|[^\\]+/gs) ?? [];
  return Uint8Array.from(
    parts.flatMap((part) => {
      if (!part.startsWith('\\')) return [...encoder.encode(part)];
      return [ESCAPES[part] ?? Number.parseInt(part.slice(2), 16)];
    }),
  );
}

const ESCAPES: Readonly<Record<string, number>> = {
  '\\n': 10,
  '\\r': 13,
  '\\t': 9,
  '\\0': 0,
  '\\\\': 92,
};

const queried = 'self.health.query';
const askedBy = (protocol: string): string => `((${queried}.protocol == 'TCP') == (${protocol} == 'TCP'))`;
const queriedPort =
  `self.ports.exists(p, p.name == ${queried}.port && (p.protocol == 'TCPUDP' || ${askedBy('p.protocol')})) || ` +
  'self.template.spec.containers.exists(c, has(c.ports) && c.ports.exists(p, has(p.name) && ' +
  `p.name == ${queried}.port && ${askedBy("(has(p.protocol) ? p.protocol : 'TCP')")}))`;

/** Rules of a spec that has ports, a template and `health`. */
export const QUERY_RULES: readonly Rule[] = [
  {
    rule: `!has(self.health) || !has(${queried}) || ${queriedPort}`,
    message:
      'no port has the name in health.query.port, or it has another protocol: name one of spec.ports, or of the ports of ' +
      'a container; TCP is asked over TCP, all others over UDP',
    fieldPath: '.health',
  },
];
