import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readTokenReply, tokenRequest } from '../../hack/query/teeworlds-packets.ts';

/** How often a packet is sent again until its answer comes, ms: UDP loses packets. */
const RESEND_MS = 200;
/** How often somebody who plays is heard of, ms: a server takes who is silent for ten seconds for gone. */
const HEARD_MS = 1000;
const OURS = 0x70726f66;
/** What a packet that steers a connection says. */
const SAYS = { connect: 1, accept: 2, close: 4 } as const;

function control(theirs: number, what: number, length = 8): Buffer {
  const packet = Buffer.alloc(length);
  packet.writeUInt8(0x04, 0);
  packet.writeUInt32BE(theirs, 3);
  packet.writeUInt8(what, 7);
  return packet;
}

/**
 * A packet of the game itself, with nothing in it. The server keeps a player whose first one has come; packets that
 * steer the connection never count for that.
 */
function played(theirs: number): Buffer {
  const packet = Buffer.alloc(7);
  packet.writeUInt32BE(theirs, 3);
  return packet;
}

/** Opens a connection; the padding shows that we are no amplifier. */
function connect(theirs: number): Buffer {
  const packet = control(theirs, SAYS.connect, 8 + 4 + 508);
  packet.writeUInt32BE(OURS, 8);
  return packet;
}

const isAccepted = (packet: Buffer): true | undefined =>
  (packet.length >= 8 && packet[7] === SAYS.accept) || undefined;

/** Sends a packet again and again until `accept` makes something of what comes back. */
async function ask<T>(socket: Socket, packet: Buffer, accept: (answer: Buffer) => T | undefined): Promise<T> {
  const sending = setInterval(() => socket.send(packet), RESEND_MS);
  try {
    for (;;) {
      const [answer] = (await once(socket, 'message')) as [Buffer];
      const made = accept(answer);
      if (made !== undefined) return made;
    }
  } finally {
    clearInterval(sending);
  }
}

/**
 * Takes a place on a Teeworlds 0.7 server, as a player does who is about to enter the game, and keeps it.
 * @returns leaves the server when it is disposed of
 */
export async function joinTeeworlds(host: string, port: number): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.connect(port, host);
  await once(socket, 'connect');
  const theirs = await ask(socket, tokenRequest(OURS), (answer) => readTokenReply(answer, OURS));
  await ask(socket, connect(theirs), isAccepted);
  const alive = setInterval(() => socket.send(played(theirs)), HEARD_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(alive);
      await new Promise((sent) => socket.send(control(theirs, SAYS.close), sent));
      socket.close();
    },
  };
}
