import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Connection, Server, ServerChannel } from "ssh2";

/** What of ssh2's inner protocol a lie needs. */
export interface Protocol {
  channelData(id: number, data: Buffer): void;
  channelExtData(id: number, data: Buffer, type: number): void;
  channelWindowAdjust(id: number, amount: number): void;
  /** Added by the liar. */
  stopReading(): void;
  channelClose(id: number): void;
  channelEOF(id: number): void;
  exitStatus(id: number, status: number): void;
  _hostKeys: Record<string, unknown>;
  _packetRW: {
    write: {
      allocStart: number;
      alloc(length: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  _cipher: { encrypt(packet: Buffer): void };
}

export interface LiarOptions {
  /** Called with the program's channel, its number on the client's side, and the tools to lie. */
  readonly onExec?: (
    channel: ServerChannel,
    id: number,
    protocol: Protocol,
    socket: Socket,
    command: string,
  ) => void;
  /** Called for every connection, before anything else. */
  readonly onConnection?: (connection: Connection, protocol: Protocol) => void;
  /** Does not answer a request to start a program. */
  readonly mute?: boolean;
  readonly banner?: string;
  readonly greeting?: string;
  readonly hostKeys: readonly string[];
}

/** An SSH server in this process that lets everybody in and then lies. */
export class Liar {
  readonly port: number;
  /** How many logins have been tried. */
  attempts = 0;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, port: number, sockets: Set<Socket>) {
    this.#server = server;
    this.port = port;
    this.#sockets = sockets;
  }

  static async start(options: LiarOptions): Promise<Liar> {
    const { default: ssh2 } = await import("ssh2");
    const sockets = new Set<Socket>();
    let liar: Liar | undefined;
    const server = new ssh2.Server({
      hostKeys: options.hostKeys.map((path) => readFileSync(path)),
      ...(options.banner !== undefined && { banner: options.banner }),
      ...(options.greeting !== undefined && { greeting: options.greeting }),
    });
    server.on("connection", (connection) => {
      const inside = connection as unknown as { _protocol: Protocol; _sock: Socket };
      const socket = inside._sock;
      sockets.add(socket);
      inside._protocol.stopReading = () => socket.pause();
      socket.on("close", () => sockets.delete(socket));
      connection.on("error", () => {});
      options.onConnection?.(connection, inside._protocol);
      connection.on("authentication", (attempt) => {
        if (liar) liar.attempts++;
        if (attempt.method === "none") attempt.reject(["publickey"]);
        else attempt.accept();
      });
      connection.on("session", (accept) => {
        const session = accept();
        session.on("exec", (acceptProgram, _reject, { command }) => {
          if (options.mute) return;
          const channel = acceptProgram();
          channel.on("error", () => {});
          const { outgoing } = channel as unknown as { outgoing: { id: number } };
          options.onExec?.(channel, outgoing.id, inside._protocol, socket, command);
        });
      });
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? Number(address.port) : 0);
      });
    });
    liar = new Liar(server, port, sockets);
    return liar;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Sends a message as it is; its length and encryption are right, whatever is in it. */
export function send(protocol: Protocol, ...parts: readonly (Buffer | number | string)[]): void {
  const message = Buffer.concat(
    parts.map((part) => {
      if (typeof part === "object") return part;
      const words = typeof part === "string" ? Buffer.from(part) : Buffer.alloc(0);
      const number = Buffer.alloc(4);
      number.writeUInt32BE(typeof part === "number" ? part : words.length);
      return Buffer.concat([number, words]);
    }),
  );
  const { write } = protocol._packetRW;
  const packet = write.alloc(message.length);
  message.copy(packet, write.allocStart);
  protocol._cipher.encrypt(write.finalize(packet));
}

/** Takes leave with words of its own. */
export function disconnect(protocol: Protocol, reason: number, text: string): void {
  send(protocol, Buffer.from([1]), reason, text, "");
}

/** Says that a program was ended by a signal of any name. */
export function exitSignal(protocol: Protocol, id: number, name: string, message: string): void {
  const [no, request] = [Buffer.from([0]), Buffer.from([98])];
  send(protocol, request, id, "exit-signal", no, name, no, message, "");
}
