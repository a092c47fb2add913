import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { QueryProtocol } from '../../src/api/pool/query.ts';

/** How many play on a server of a test, and how many may. */
export interface Crowd {
  count: number;
  capacity: number;
}

/** What a server says to a packet: packets, of which there may be none. */
type Manners = (packet: Buffer, crowd: Crowd) => readonly Buffer[];

const OOB = Buffer.from('ffffffff', 'hex');
const text = (...texts: string[]) => Buffer.from(texts.map((each) => `${each}\0`).join(''), 'latin1');

/** A number as Teeworlds packs it; of tests, below 8,192. */
const packed = (value: number): Buffer =>
  value < 64 ? Buffer.from([value]) : Buffer.from([(value & 0x3f) | 0x80, value >> 6]);

const CHALLENGE = Buffer.from('0a0b0c0d', 'hex');
const TOKEN = Buffer.from('b7a06fd1', 'hex');

const MANNERS: Readonly<Record<Exclude<QueryProtocol, 'TCP'>, Manners>> = {
  A2S(packet, { count, capacity }) {
    if (!packet.subarray(-4).equals(CHALLENGE)) return [Buffer.concat([OOB, Buffer.from('A'), CHALLENGE])];
    const numbers = Buffer.from([0x2c, 0x01, count, capacity, 0]);
    return [
      Buffer.concat([
        OOB,
        Buffer.from('I\x11', 'latin1'),
        text('arena', 'de_dust', 'game', 'A game'),
        numbers,
      ]),
    ];
  },
  Quake3(packet, { count, capacity }) {
    const challenge = /^getstatus (\w+)\n$/.exec(packet.subarray(4).toString('latin1'))?.[1] ?? '';
    const players = Array.from({ length: count }, (_, i) => `0 48 "player${i}"\n`).join('');
    const info = `\\sv_hostname\\arena\\sv_maxclients\\${capacity}\\challenge\\${challenge}`;
    return [Buffer.concat([OOB, Buffer.from(`statusResponse\n${info}\n${players}`, 'latin1')])];
  },
  Teeworlds(packet, { count, capacity }) {
    if (packet[0] === 0x04) {
      if (packet.length !== 520) return [];
      const token = packet.subarray(8, 12);
      return [Buffer.concat([Buffer.from('040000', 'hex'), token, Buffer.from([5]), TOKEN])];
    }
    if (!packet.subarray(1, 5).equals(TOKEN)) return [];
    const token = packet.subarray(5, 9);
    const head = Buffer.concat([Buffer.from([0x21]), token, TOKEN, OOB, Buffer.from('inf3'), packed(1)]);
    const numbers = [0, 1, 1, 8, count, capacity].map(packed);
    return [Buffer.concat([head, text('0.7.5', 'arena', '', 'dm1', 'DM'), ...numbers])];
  },
  UDP: (packet) => [Buffer.from(`pong ${packet.toString('latin1')}`, 'latin1')],
};

/** A server of a test that answers one protocol, on a port of its own. */
export class GameServer {
  readonly address: string;
  readonly port: number;
  readonly crowd: Crowd = { count: 3, capacity: 16 };
  /** What it does instead of what it should. */
  mood: 'well' | 'hangs' | 'lies' = 'well';
  /** Questions that it heard. */
  heard = 0;
  readonly #close: () => Promise<void>;

  private constructor(address: string, port: number, close: () => Promise<void>) {
    this.address = address;
    this.port = port;
    this.#close = close;
  }

  /** Starts one. @param port a free one when left out */
  static async start(protocol: QueryProtocol, address = '127.0.0.1', port = 0): Promise<GameServer> {
    return protocol === 'TCP' ? GameServer.#tcp(address, port) : GameServer.#udp(protocol, address, port);
  }

  /** Ends it: its port is closed. */
  stop(): Promise<void> {
    return this.#close();
  }

  static async #udp(protocol: keyof typeof MANNERS, address: string, port: number): Promise<GameServer> {
    const socket: Socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    let isOpen = true;
    const server = new GameServer(address, socket.address().port, async () => {
      if (!isOpen) return;
      isOpen = false;
      socket.close();
      await once(socket, 'close');
    });
    socket.on('message', (packet, from) => {
      server.heard++;
      if (server.mood === 'hangs') return;
      const said =
        server.mood === 'lies' ? [Buffer.alloc(2000, 0xff)] : MANNERS[protocol](packet, server.crowd);
      for (const each of said) socket.send(each, from.port, from.address);
    });
    return server;
  }

  static async #tcp(address: string, port: number): Promise<GameServer> {
    const listener = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => {
        server.heard++;
        // In two parts, as a network may bring it.
        if (server.mood === 'hangs') return;
        socket.write(server.mood === 'lies' ? 'HTTP/1.1 400' : 'BZ');
        setTimeout(() => socket.write('FS0221'), 5);
      });
    });
    listener.listen(port, address);
    await once(listener, 'listening');
    const at = listener.address();
    const server: GameServer = new GameServer(address, typeof at === 'object' ? at!.port : 0, async () => {
      if (!listener.listening) return;
      listener.close();
      await once(listener, 'close');
    });
    return server;
  }
}
