/** What a game server says about itself, the same for every game. */
export interface ServerInfo {
  readonly name: string;
  readonly map: string;
  /** Rules of play, in the game's own word. */
  readonly gameType: string;
  /** Version of the server, or of its protocol where it does not tell its own. */
  readonly version: string;
  /** Connected people, spectators among them. */
  readonly players: number;
  readonly maxPlayers: number;
}

/** Limits of a query. */
export interface QueryOptions {
  /** Milliseconds after which a silent server counts as wedged; 1000 unless told otherwise. */
  readonly timeoutMs?: number;
}
